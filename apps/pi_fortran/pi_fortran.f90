! pi_fortran: pi as the integral of 4 / (1 + x^2) from 0 to 1, in Fortran.
!
! SPDX-License-Identifier: BSD-3-Clause
!
! Map and reduce, with a function and a combination in Fortran: an item is a block of midpoints, and
! the blocks' sums are added along a tree that depends on their number alone. So the output is the
! same bytes with any number of workers.
module pi_tasks
    use pinfold
    implicit none

    integer(c_int64_t), parameter :: points = 65536 ! of a block
    integer(c_int64_t), parameter :: blocks = 512
    real(c_double), parameter :: width = 1.0_c_double / real(points * blocks, c_double)

contains

    ! Runs on a worker: the sum over one block.
    function block_task(task) bind(c)
        type(c_ptr), value :: task
        integer(c_int) :: block_task
        real(c_double), pointer :: out
        real(c_double) :: x, total
        integer(c_int64_t) :: i, first

        first = int(pinfold_task_index(task), c_int64_t) * points
        total = 0
        do i = first, first + points - 1
            x = (real(i, c_double) + 0.5_c_double) * width
            total = total + 4 / (1 + x * x)
        end do
        call c_f_pointer(pinfold_task_out(task, c_sizeof(total)), out)
        out = total
        block_task = 0
    end function block_task

    ! Runs on workers and in the driver: `into` becomes the sum of both.
    subroutine add(into, other, shared) bind(c)
        type(c_ptr), value :: into, other
        type(pinfold_bytes), value :: shared ! nothing is
        real(c_double), pointer :: a, b

        if (shared%size /= 0) return
        call c_f_pointer(into, a)
        call c_f_pointer(other, b)
        a = a + b
    end subroutine add

    ! Runs in the driver.
    function drive(pool, argc, argv) bind(c)
        use, intrinsic :: iso_fortran_env, only: error_unit
        type(c_ptr), value :: pool, argv
        integer(c_int), value :: argc
        integer(c_int) :: drive
        real(c_double), target :: total
        type(pinfold_error) :: err
        character(len=40) :: line

        drive = 2
        if (argc /= 1 .or. .not. c_associated(argv)) then
            write (error_unit, '(a)') "pi_fortran: it takes only options (try --help)"
            return
        end if
        err = new_error()
        drive = 3
        if (pinfold_map_reduce(pool, c_funloc(block_task), c_funloc(add), c_null_ptr, c_null_ptr, &
                               0_c_size_t, c_loc(total), c_sizeof(total), &
                               int(blocks, c_size_t), err) /= 0) then
            write (error_unit, '(2a)') "pi_fortran: ", error_text(err)
            return
        end if
        drive = 0
        ! By way of C: Fortran's own output need not tell that the disk is full.
        write (line, '(a, f17.15)') "pi = ", total * width
        if (c_puts(trim(line) // c_null_char) >= 0) then
            if (c_fflush(c_null_ptr) == 0) return
        end if
        call c_perror("pi_fortran: standard output" // c_null_char)
        drive = 1
    end function drive
end module pi_tasks

program pi_fortran
    use pinfold, only: pinfold_run
    use pi_tasks, only: drive
    use, intrinsic :: iso_c_binding, only: c_funloc
    implicit none

    call pinfold_run(c_funloc(drive))
end program pi_fortran

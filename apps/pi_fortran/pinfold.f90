! pinfold.f90 - what pi_fortran needs of pinfold.h, pinfold_main.h and of C, in Fortran 2008.
!
! SPDX-License-Identifier: BSD-3-Clause
!
! Names, orders and types are those of the headers, which say what each does. Others are added in
! the same way: a pointer is a type(c_ptr), a size an integer(c_size_t), a function a type(c_funptr).
! Functions that are given to Pinfold are bind(c), and in a module: one that is contained in
! another is called by code made at run time, which no other process has.
module pinfold
    use, intrinsic :: iso_c_binding
    implicit none

    type, bind(c) :: pinfold_bytes
        type(c_ptr) :: data
        integer(c_size_t) :: size
    end type pinfold_bytes

    type, bind(c) :: pinfold_error
        integer(c_size_t) :: size
        integer(c_int) :: code, worker, rank
        integer(c_int64_t) :: index
        character(kind=c_char) :: host(64), text(512)
    end type pinfold_error

    interface
        function pinfold_main(argc, argv, usage, options, drive) bind(c)
            import :: c_int, c_ptr, c_funptr
            integer(c_int), value :: argc
            type(c_ptr), intent(in) :: argv(*)
            type(c_ptr), value :: usage, options
            type(c_funptr), value :: drive
            integer(c_int) :: pinfold_main
        end function pinfold_main

        function pinfold_map_reduce(pool, fn, combine, how, in, in_size, out, out_size, n, err) &
            bind(c)
            import :: c_int, c_ptr, c_funptr, c_size_t, pinfold_error
            type(c_ptr), value :: pool, how, in, out
            type(c_funptr), value :: fn, combine
            integer(c_size_t), value :: in_size, out_size, n
            type(pinfold_error), intent(inout) :: err
            integer(c_int) :: pinfold_map_reduce
        end function pinfold_map_reduce

        function pinfold_task_index(task) bind(c)
            import :: c_ptr, c_size_t
            type(c_ptr), value :: task
            integer(c_size_t) :: pinfold_task_index
        end function pinfold_task_index

        function pinfold_task_out(task, size) bind(c)
            import :: c_ptr, c_size_t
            type(c_ptr), value :: task
            integer(c_size_t), value :: size
            type(c_ptr) :: pinfold_task_out
        end function pinfold_task_out

        subroutine c_exit(status) bind(c, name="exit")
            import :: c_int
            integer(c_int), value :: status
        end subroutine c_exit

        function c_puts(line) bind(c, name="puts")
            import :: c_int, c_char
            character(kind=c_char), intent(in) :: line(*)
            integer(c_int) :: c_puts
        end function c_puts

        function c_fflush(stream) bind(c, name="fflush")
            import :: c_int, c_ptr
            type(c_ptr), value :: stream
            integer(c_int) :: c_fflush
        end function c_fflush

        subroutine c_perror(what) bind(c, name="perror")
            import :: c_char
            character(kind=c_char), intent(in) :: what(*)
        end subroutine c_perror
    end interface

contains

    ! pinfold_main with the words of the command line; ends the program with its status.
    subroutine pinfold_run(drive)
        type(c_funptr), value :: drive
        character(kind=c_char), allocatable, target :: text(:, :)
        type(c_ptr), allocatable :: argv(:)
        character(len=:), allocatable :: word
        integer :: i, k, n, length, longest

        n = command_argument_count()
        longest = 0
        do i = 0, n
            call get_command_argument(i, length=length)
            longest = max(longest, length)
        end do
        allocate (text(longest + 1, 0:n), argv(0:n + 1))
        allocate (character(len=longest) :: word)
        do i = 0, n
            call get_command_argument(i, value=word, length=length)
            do k = 1, length
                text(k, i) = word(k:k)
            end do
            text(length + 1, i) = c_null_char
            argv(i) = c_loc(text(1, i))
        end do
        argv(n + 1) = c_null_ptr
        call c_exit(pinfold_main(int(n + 1, c_int), argv, c_null_ptr, c_null_ptr, drive))
    end subroutine pinfold_run

    ! An error to be filled in, and its text as Fortran has it.
    function new_error() result(err)
        type(pinfold_error) :: err

        err%size = c_sizeof(err)
        err%code = 0
        err%worker = -1
        err%rank = -1
        err%index = -1
        err%host = c_null_char
        err%text = c_null_char
    end function new_error

    function error_text(err) result(text)
        type(pinfold_error), intent(in) :: err
        character(len=:), allocatable :: text
        integer :: i

        text = ""
        do i = 1, size(err%text)
            if (err%text(i) == c_null_char) exit
            text = text // err%text(i)
        end do
    end function error_text
end module pinfold

dnl The questions that configure.ac asks, one macro for each.
dnl SPDX-License-Identifier: BSD-3-Clause

m4_ifndef([PKG_PROG_PKG_CONFIG],
  [m4_fatal([pkg.m4 is missing: install pkg-config (Debian/Ubuntu: apt-get install pkg-config)])])

dnl A missing part ends configure in one line: what it is, and the package that has it.
dnl PF_MISSING(WHAT, DEBIAN-PACKAGES, [WHAT-ELSE-HELPS])
AC_DEFUN([PF_MISSING],
  [AC_MSG_ERROR([$1 (Debian/Ubuntu: apt-get install $2)m4_ifval([$3], [; $3])])])

AC_DEFUN([PF_PKG_CONFIG], [
  PKG_PROG_PKG_CONFIG
  AS_IF([test -z "$PKG_CONFIG"], [PF_MISSING([pkg-config is missing], [pkg-config])])
  PKG_INSTALLDIR
])

dnl What the compiler must take: C11 with the GNU extensions that Linux headers use. The floor is
dnl gcc 8; clang 7 is of the same year.
AC_DEFUN([PF_COMPILER], [
  AC_MSG_CHECKING([whether $CC takes C11 and its atomics])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#include <stdatomic.h>
#if defined __clang__ ? __clang_major__ < 7 : defined __GNUC__ && __GNUC__ < 8
#error too old
#endif
_Static_assert(sizeof(int) >= 4, "int");
    ]], [[_Atomic int x = 0; atomic_fetch_add(&x, 1); return x;]])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([Pinfold needs a C11 compiler: gcc 8 or clang 7, or later])])
])

dnl Compilers of other languages, for examples and tests: whether there is one, and whether its
dnl programs link with what $CC makes. PF_OTHER_LANGUAGE(LANGUAGE, COMPILER, FLAGS, PROGRAM)
AC_DEFUN([PF_OTHER_LANGUAGE], [
  AC_COMPILE_IFELSE([AC_LANG_SOURCE([[int pf_of_c(void); int pf_of_c(void) { return 0; }]])],
    [cp conftest.$ac_objext pf_of_c.$ac_objext])
  AC_LANG_PUSH([$1])
  AS_IF([test "$enable_sanitizers" != no], [$3="$$3 -fsanitize=$enable_sanitizers"])
  pf_save_LIBS=$LIBS
  LIBS="pf_of_c.$ac_objext $LIBS"
  AC_MSG_CHECKING([whether $1 programs can be built with $CC's objects])
  AS_IF([test -z "$$2"], [pf_can=no],
    [AC_LINK_IFELSE([AC_LANG_SOURCE([$4])], [pf_can=yes], [pf_can=no])])
  AC_MSG_RESULT([$pf_can])
  LIBS=$pf_save_LIBS
  rm -f pf_of_c.$ac_objext
  AC_LANG_POP([$1])
])

AC_DEFUN([PF_OTHER_LANGUAGES], [
  PF_OTHER_LANGUAGE([C++], [CXX], [CXXFLAGS], [[
extern "C" int pf_of_c(void);
template <typename T> T same(T x) noexcept { return x; }
int main() { try { auto x = same(pf_of_c()); return x; } catch (...) { return 1; } }
  ]])
  pf_cxx_text="$CXX $CXXFLAGS"
  AS_IF([test $pf_can = no], [
    CXX=
    pf_cxx_text="missing: collatz is left out (Debian/Ubuntu: g++)"])
  AM_CONDITIONAL([HAVE_CXX], [test -n "$CXX"])
  PF_CXXFLAGS="-std=c++11 -Wall -Wextra"

  PF_OTHER_LANGUAGE([Fortran], [FC], [FCFLAGS], [[
      program main
      use, intrinsic :: iso_c_binding
      implicit none
      interface
        function pf_of_c() bind(c)
          import :: c_int
          integer(c_int) :: pf_of_c
        end function
      end interface
      if (pf_of_c() /= 0) stop 1
      end program
  ]])
  pf_fc_text="$FC $FCFLAGS"
  AS_IF([test $pf_can = no], [
    FC=
    pf_fc_text="missing: pi_fortran is left out (Debian/Ubuntu: gfortran)"])
  AM_CONDITIONAL([HAVE_FORTRAN], [test -n "$FC"])
  PF_FCFLAGS=
  AS_IF([test "$ac_cv_fc_compiler_gnu" = yes], [PF_FCFLAGS="-std=f2008 -Wall -Wextra"])
  AS_IF([test "$enable_werror" = yes], [
    PF_CXXFLAGS="$PF_CXXFLAGS -Werror"
    AS_IF([test -n "$PF_FCFLAGS"], [PF_FCFLAGS="$PF_FCFLAGS -Werror"])])
  AC_SUBST([PF_CXXFLAGS])
  AC_SUBST([PF_FCFLAGS])
])

dnl The floor: glibc 2.28, Linux 4.18. By feature where there is one to test, else by number.
AC_DEFUN([PF_FLOOR], [
  AC_MSG_CHECKING([for Linux 4.18 and, where it is glibc, glibc 2.28])
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[
#include <features.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE < KERNEL_VERSION(4, 18, 0)
#error too old
#endif
#ifdef __GLIBC__
#if !__GLIBC_PREREQ(2, 28)
#error too old
#endif
#endif
    ]], [[]])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([Pinfold needs the headers of Linux 4.18 and glibc 2.28, or later (Debian/Ubuntu: apt-get install libc6-dev)])])
  AC_CHECK_FUNCS([memfd_create ppoll eventfd signalfd sched_setaffinity], [],
    [AC_MSG_ERROR([$ac_func is missing: Pinfold needs Linux 4.18 and glibc 2.28, or later])])
  AC_SEARCH_LIBS([dladdr], [dl], [], [AC_MSG_ERROR([dladdr is missing])])
  AC_SEARCH_LIBS([pthread_create], [pthread], [], [AC_MSG_ERROR([pthread_create is missing])])
  AC_SEARCH_LIBS([clock_gettime], [rt], [], [AC_MSG_ERROR([clock_gettime is missing])])

  AC_MSG_CHECKING([whether the linker takes a symbol map])
  pf_save_LDFLAGS=$LDFLAGS
  AS_ECHO(["V { global: f; local: *; };"]) > conftest.map
  LDFLAGS="$LDFLAGS -shared -fPIC -Wl,--version-script=conftest.map"
  AC_LINK_IFELSE([AC_LANG_SOURCE([[int f(void); int f(void) { return 0; }]])],
    [pf_map=yes], [pf_map=no])
  LDFLAGS=$pf_save_LDFLAGS
  rm -f conftest.map
  AC_MSG_RESULT([$pf_map])
  AM_CONDITIONAL([HAVE_SYMBOL_MAP], [test "$pf_map" = yes])
])

dnl Adds a flag to PF_CFLAGS if the compiler knows it (clang only warns of those it does not).
AC_DEFUN([PF_TRY_FLAG], [
  pf_save_CFLAGS=$CFLAGS
  CFLAGS="$CFLAGS -Werror $1"
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[]], [[]])], [PF_CFLAGS="${PF_CFLAGS:+$PF_CFLAGS }$1"])
  CFLAGS=$pf_save_CFLAGS
])

AC_DEFUN([PF_WARNINGS], [
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [treat warnings as errors (for development)])])
  AC_MSG_CHECKING([which warnings $CC knows])
  PF_CFLAGS=
  m4_foreach_w([pf_flag],
    [-Wall -Wextra -Wshadow -Wpointer-arith -Wwrite-strings -Wstrict-prototypes
     -Wmissing-prototypes -Wold-style-definition -Wredundant-decls -Wformat=2 -Wundef -Wvla
     -Wimplicit-fallthrough -Wduplicated-cond -Wlogical-op
     -Werror=implicit-function-declaration
     -Wno-missing-field-initializers -fno-strict-aliasing], [PF_TRY_FLAG(pf_flag)])
  AS_IF([test "$enable_werror" = yes], [PF_CFLAGS="$PF_CFLAGS -Werror"])
  AC_MSG_RESULT([$PF_CFLAGS])
  AC_SUBST([PF_CFLAGS])
])

dnl The sanitizers go into CFLAGS, and so into every compilation and link. A shared library is
dnl then linked with holes that the program's runtime fills; without them a hole is an error.
AC_DEFUN([PF_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers@<:@=LIST@:>@],
      [build with sanitizers (for development); LIST is what -fsanitize= takes
       @<:@address,undefined@:>@])], [], [enable_sanitizers=${enable_sanitizers:-no}])
  AS_IF([test "$enable_sanitizers" = yes], [enable_sanitizers=address,undefined])
  AS_IF([test "$enable_sanitizers" = no], [
    pf_sanitizers_text=none
    PF_NO_HOLES=-Wl,-z,defs
  ], [
    pf_sanitizers_text=$enable_sanitizers
    PF_NO_HOLES=
    CFLAGS="$CFLAGS -fsanitize=$enable_sanitizers -fno-omit-frame-pointer"
    AC_MSG_CHECKING([whether $CC links with -fsanitize=$enable_sanitizers])
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[]], [[]])], [AC_MSG_RESULT([yes])],
      [AC_MSG_RESULT([no])
       AC_MSG_ERROR([$CC has no runtime for -fsanitize=$enable_sanitizers])])])
  AC_SUBST([PF_NO_HOLES])
  AC_SUBST([PF_SANITIZERS], [$enable_sanitizers])
  AM_CONDITIONAL([SANITIZED], [test "$enable_sanitizers" != no])
])

dnl libFuzzer makes up what the targets of tests/fuzz are given: it has the main() then, and all is
dnl compiled such that it sees where an input leads. The sanitizers come with it.
AC_DEFUN([PF_FUZZERS], [
  AC_ARG_ENABLE([fuzzers],
    [AS_HELP_STRING([--enable-fuzzers],
      [link tests/fuzz with libFuzzer, and build with sanitizers (clang; see scripts/fuzz)])],
    [], [enable_fuzzers=no])
  FUZZ_ENGINE=
  AS_IF([test "$enable_fuzzers" != no], [
    enable_sanitizers=fuzzer-no-link,address,undefined
    FUZZ_ENGINE=-fsanitize=fuzzer])
  AC_SUBST([FUZZ_ENGINE])
  AM_CONDITIONAL([FUZZERS], [test "$enable_fuzzers" != no])
])

dnl MPI: by pkg-config, Open MPI first; --with-mpi names another; --without-mpi leaves it out.
dnl PF_MPI_NAME is what pkg-config calls it (empty: none), MPIRUN the launcher that belongs to it.
AC_DEFUN([PF_MPI], [
  AC_ARG_WITH([mpi],
    [AS_HELP_STRING([--with-mpi=NAME],
      [the MPI to build with, as pkg-config calls it: ompi-c, mpich, ... @<:@ompi-c, else mpich@:>@])
AS_HELP_STRING([--without-mpi], [build for one machine, without MPI])],
    [], [with_mpi=yes])
  AC_ARG_VAR([MPIRUN], [the launcher of that MPI, for tests and scripts @<:@found@:>@])
  pf_mpi_text="none: for one machine (--without-mpi)"
  pf_mpi_debian="libopenmpi-dev openmpi-bin"
  PF_MPI_NAME=
  AS_CASE([$with_mpi],
    [no], [],
    [yes|''], [
      PKG_CHECK_EXISTS([ompi-c], [PF_MPI_NAME=ompi-c],
        [PKG_CHECK_EXISTS([mpich], [PF_MPI_NAME=mpich])])
      AS_IF([test -z "$PF_MPI_NAME"],
        [PF_MISSING([pkg-config finds no MPI], [libopenmpi-dev openmpi-bin],
          [another one is named by --with-mpi=NAME, none by --without-mpi])])],
    [mpich*], [PF_MPI_NAME=$with_mpi; pf_mpi_debian="libmpich-dev mpich"],
    [PF_MPI_NAME=$with_mpi])
  AS_IF([test -n "$PF_MPI_NAME"], [
    PKG_CHECK_MODULES([MPI], [$PF_MPI_NAME], [],
      [PF_MISSING([pkg-config does not find the MPI '$PF_MPI_NAME'], [$pf_mpi_debian])])
    AC_MSG_CHECKING([whether a program links with $PF_MPI_NAME, MPI 3.0 or later])
    pf_save_CFLAGS=$CFLAGS
    pf_save_LIBS=$LIBS
    CFLAGS="$CFLAGS $MPI_CFLAGS"
    LIBS="$MPI_LIBS $LIBS"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[
#include <mpi.h>
#if MPI_VERSION < 3
#error too old
#endif
      ]], [[return MPI_Init(0, 0);]])],
      [AC_MSG_RESULT([yes])],
      [AC_MSG_RESULT([no])
       PF_MISSING([no program can be linked with the MPI '$PF_MPI_NAME' (config.log says why)], [$pf_mpi_debian])])
    CFLAGS=$pf_save_CFLAGS
    LIBS=$pf_save_LIBS
    AC_DEFINE([HAVE_MPI], [1], [Define to 1 if built with MPI.])

    dnl Some systems keep each MPI in a folder of its own, next to its libraries.
    pf_mpi_bin=`$PKG_CONFIG --variable=libdir $PF_MPI_NAME`/../bin
    AS_CASE([$PF_MPI_NAME],
      [ompi*], [AC_PATH_PROGS([MPIRUN], [mpirun.openmpi mpirun], [], [$pf_mpi_bin$PATH_SEPARATOR$PATH])],
      [mpich*], [AC_PATH_PROGS([MPIRUN], [mpirun.mpich mpirun], [], [$pf_mpi_bin$PATH_SEPARATOR$PATH])],
      [AC_PATH_PROGS([MPIRUN], [mpirun mpiexec], [], [$pf_mpi_bin$PATH_SEPARATOR$PATH])])
    pf_mpi_text="$PF_MPI_NAME `$PKG_CONFIG --modversion $PF_MPI_NAME`, launched by ${MPIRUN:-a mpirun that was not found}"
  ])
  AC_SUBST([PF_MPI_NAME])
  AM_CONDITIONAL([HAVE_MPI], [test -n "$PF_MPI_NAME"])
])

AC_DEFUN([PF_LIBRARIES], [
  PKG_CHECK_MODULES([HWLOC], [hwloc >= 2.1], [],
    [PF_MISSING([hwloc 2.1 or later is missing], [libhwloc-dev])])
  pf_hwloc_text=`$PKG_CONFIG --modversion hwloc`

  PKG_CHECK_MODULES([CRYPTO], [libcrypto],
    [pf_have_crypto=yes; pf_crypto_text=`$PKG_CONFIG --modversion libcrypto`],
    [pf_have_crypto=no
     pf_crypto_text="missing: checksum and the journal are left out (Debian/Ubuntu: libssl-dev)"])
  AM_CONDITIONAL([HAVE_CRYPTO], [test "$pf_have_crypto" = yes])

  dnl Readers that write nothing, of a journal in WAL mode, came with 3.22. The library needs both
  dnl for its journal; what it is linked with, and a static one needs, is PF_JOURNAL_LIBS.
  PKG_CHECK_MODULES([SQLITE], [sqlite3 >= 3.22],
    [pf_have_sqlite=yes; pf_sqlite_text=`$PKG_CONFIG --modversion sqlite3`],
    [pf_have_sqlite=no
     pf_sqlite_text="missing: the journal is left out (Debian/Ubuntu: libsqlite3-dev)"])
  PF_JOURNAL_LIBS=
  AS_IF([test "$pf_have_crypto-$pf_have_sqlite" = yes-yes],
    [PF_JOURNAL_LIBS="$SQLITE_LIBS $CRYPTO_LIBS"])
  AC_SUBST([PF_JOURNAL_LIBS])
  AM_CONDITIONAL([HAVE_JOURNAL], [test -n "$PF_JOURNAL_LIBS"])

  dnl Its calls for whole pictures came with 1.6.
  PKG_CHECK_MODULES([PNG], [libpng >= 1.6],
    [pf_have_png=yes; pf_png_text=`$PKG_CONFIG --modversion libpng`],
    [pf_have_png=no
     pf_png_text="missing: mandelbrot is left out (Debian/Ubuntu: libpng-dev)"])
  AM_CONDITIONAL([HAVE_PNG], [test "$pf_have_png" = yes])

  dnl Only headers, without a .pc file. By a type, not by the header: it has the 64-bit ones only
  dnl where the compiler has what they take.
  AC_CHECK_TYPE([philox4x64_key_t], [pf_have_random123=yes; pf_random123_text=found],
    [pf_have_random123=no
     pf_random123_text="missing: montecarlo is left out (Debian/Ubuntu: librandom123-dev)"],
    [[#include <Random123/philox.h>]])
  AM_CONDITIONAL([HAVE_RANDOM123], [test "$pf_have_random123" = yes])

  PKG_CHECK_MODULES([CMOCKA], [cmocka],
    [pf_have_cmocka=yes; pf_cmocka_text=`$PKG_CONFIG --modversion cmocka`],
    [pf_have_cmocka=no
     pf_cmocka_text="missing: unit tests are left out (Debian/Ubuntu: libcmocka-dev)"])
  AM_CONDITIONAL([HAVE_CMOCKA], [test "$pf_have_cmocka" = yes])
])

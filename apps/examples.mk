# Builds Pinfold's example programs, each beside its sources, against the installed library:
#
#     cp -r THIS-FOLDER ~/examples && cd ~/examples && make          (or: make ep/ep)
#
# pkg-config has to find pinfold.pc: where it is not in the usual place, PKG_CONFIG_PATH says so.
# SPDX-License-Identifier: BSD-3-Clause
CFLAGS = -O2 -g
PKG_CONFIG = pkg-config

PROGRAMS = hello/hello ep/ep wordcount/wordcount
ifeq ($(shell $(PKG_CONFIG) --exists libcrypto && echo yes),yes)
PROGRAMS += checksum/checksum
endif
ifeq ($(shell $(PKG_CONFIG) --exists 'libpng >= 1.6' && echo yes),yes)
PROGRAMS += mandelbrot/mandelbrot
endif
ifeq ($(shell $(CC) $(CPPFLAGS) -E -include Random123/philox.h -x c /dev/null >/dev/null 2>&1 && \
    echo yes),yes)
PROGRAMS += montecarlo/montecarlo
endif
# Of other languages, where there is a compiler.
FC = gfortran
ifneq ($(shell command -v $(CXX) 2>/dev/null),)
OTHERS += collatz/collatz
endif
ifneq ($(shell command -v $(FC) 2>/dev/null),)
OTHERS += pi_fortran/pi_fortran
endif
PACKAGES = pinfold
checksum/checksum: PACKAGES += libcrypto
mandelbrot/mandelbrot: PACKAGES += libpng

all: $(PROGRAMS) $(OTHERS)

.SECONDEXPANSION:
$(PROGRAMS): $$(wildcard $$(@D)/*.c $$(@D)/*.h)
	$(CC) -std=gnu11 $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^) \
	    $$($(PKG_CONFIG) --cflags --libs $(PACKAGES)) -lm
# What these have in common.
checksum/checksum wordcount/wordcount: $(wildcard common/*.c common/*.h)

collatz/collatz: collatz/collatz.cpp collatz/task.hpp
	$(CXX) -std=c++11 $(CPPFLAGS) -O2 $(CXXFLAGS) $(LDFLAGS) -o $@ $< \
	    $$($(PKG_CONFIG) --cflags --libs $(PACKAGES))

# In its folder, since that is where the module's description is written to.
pi_fortran/pi_fortran: pi_fortran/pinfold.f90 pi_fortran/pi_fortran.f90
	cd $(@D) && $(FC) -O2 $(FCFLAGS) $(LDFLAGS) -o $(@F) $(^F) \
	    $$($(PKG_CONFIG) --libs $(PACKAGES))

clean:
	rm -f $(PROGRAMS) $(OTHERS) pi_fortran/*.mod

.PHONY: all clean

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
PACKAGES = pinfold
checksum/checksum: PACKAGES += libcrypto
mandelbrot/mandelbrot: PACKAGES += libpng

all: $(PROGRAMS)

.SECONDEXPANSION:
$(PROGRAMS): $$(wildcard $$(@D)/*.c $$(@D)/*.h)
	$(CC) -std=gnu11 $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^) \
	    $$($(PKG_CONFIG) --cflags --libs $(PACKAGES)) -lm
# What these have in common.
checksum/checksum wordcount/wordcount: $(wildcard common/*.c common/*.h)

clean:
	rm -f $(PROGRAMS)

.PHONY: all clean

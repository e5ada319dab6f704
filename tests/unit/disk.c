/* Which file systems are shared with other machines. */
#include "unit.h"

#include <linux/magic.h>

#include "record/disk.h"

static void kinds__are_shared_or_not(void **state)
{
    (void)state;
    assert_true(pf_disk_shared_kind(NFS_SUPER_MAGIC));
    assert_true(pf_disk_shared_kind(0x0BD00BD0));                     /* Lustre */
    assert_true(pf_disk_shared_kind((unsigned long)(int)0xFF534D42)); /* CIFS, sign-extended */
    assert_false(pf_disk_shared_kind(EXT4_SUPER_MAGIC));
    assert_false(pf_disk_shared_kind(TMPFS_MAGIC));
    assert_false(pf_disk_shared_kind(OVERLAYFS_SUPER_MAGIC));
}

static void what_cannot_be_told__is_not(void **state)
{
    (void)state;
    assert_false(pf_disk_shared("/proc"));
    assert_false(pf_disk_shared("/no/such/file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds__are_shared_or_not),
        cmocka_unit_test(what_cannot_be_told__is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

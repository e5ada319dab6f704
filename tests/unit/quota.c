/* Quotas, in trees of files that look like /proc and a cgroup mount. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/quota.h"

static char root[256];

/* Writes root/path, making the folders on the way. */
static void put(const char *path, const char *content)
{
    char name[512];
    FILE *file;

    snprintf(name, sizeof name, "%s/%s", root, path);
    for (char *slash = name + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(name, 0700);
        *slash = '/';
    }
    file = fopen(name, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

static int begin(void **state)
{
    const char *folder = getenv("TMPDIR");

    (void)state;
    snprintf(root, sizeof root, "%s/pinfold-quota-XXXXXX", folder ? folder : "/tmp");
    return mkdtemp(root) ? 0 : -1;
}

static int end(void **state)
{
    char command[300];

    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

static void assert_quota(double expected)
{
    double quota = pf_quota_read(root);

    if (quota < expected - 1e-9 || quota > expected + 1e-9)
        fail_msg("%f, not %f", quota, expected);
}

#define V2_MOUNT                                                                                   \
    "22 1 0:20 / /proc rw,nosuid shared:12 - proc proc rw\n"                                       \
    "30 25 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"

static void v2__takes_the_tightest_on_the_way_up(void **state)
{
    (void)state;
    put("proc/self/cgroup", "0::/user.slice/job/step\n");
    put("proc/self/mountinfo", V2_MOUNT);
    put("sys/fs/cgroup/user.slice/job/step/cpu.max", "max 100000\n");
    assert_quota(0);
    put("sys/fs/cgroup/user.slice/job/cpu.max", "150000 100000\n");
    assert_quota(1.5);
    put("sys/fs/cgroup/user.slice/cpu.max", "400000 100000\n");
    assert_quota(1.5);
    put("sys/fs/cgroup/user.slice/job/step/cpu.max", "25000 50000\n");
    assert_quota(0.5);
    put("sys/fs/cgroup/cpu.max", "10000 100000\n");
    assert_quota(0.1);
}

static void v2__in_a_container_asks_the_top_of_the_mount(void **state)
{
    (void)state;
    put("sys/fs/cgroup/cpu.max", "200000 100000\n");
    put("proc/self/mountinfo", V2_MOUNT);
    put("proc/self/cgroup", "0::/\n");
    assert_quota(2);
    put("proc/self/cgroup", "0::/../../elsewhere\n");
    assert_quota(2);
    put("proc/self/cgroup", "0::/docker/1f2e/inner\n");
    put("proc/self/mountinfo", "30 25 0:26 /docker/1f2e /sys/fs/cgroup ro - cgroup2 cgroup rw\n");
    put("sys/fs/cgroup/inner/cpu.max", "50000 100000\n");
    assert_quota(0.5);
    put("proc/self/cgroup", "0::/docker/1f2ea\n");
    assert_quota(2);
}

static void v1__divides_quota_by_period(void **state)
{
    (void)state;
    put("proc/self/cgroup", "11:memory:/a\n4:cpu,cpuacct:/a/b\n3:cpuset:/a/c\n0::/\n");
    put("proc/self/mountinfo",
        "31 25 0:27 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
        "32 25 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n");
    put("sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "-1\n");
    put("sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us", "100000\n");
    assert_quota(0);
    put("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "250000\n");
    put("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n");
    assert_quota(2.5);
    put("sys/fs/cgroup/cpuset/a/c/cpu.cfs_quota_us", "1000\n");
    put("sys/fs/cgroup/cpuset/a/c/cpu.cfs_period_us", "100000\n");
    assert_quota(2.5);
}

static void nonsense__is_no_quota(void **state)
{
    (void)state;
    assert_quota(0);
    put("proc/self/cgroup", "\n0\n0:\nx:y:z\n0::/a\n");
    put("proc/self/mountinfo", "\n - \n1 2 3 - cgroup2\n - cgroup2 x rw\n" V2_MOUNT);
    assert_quota(0);
    put("sys/fs/cgroup/a/cpu.max", "");
    assert_quota(0);
    put("sys/fs/cgroup/a/cpu.max", "100000\n");
    assert_quota(0);
    put("sys/fs/cgroup/a/cpu.max", "100000 0\n");
    assert_quota(0);
    put("sys/fs/cgroup/a/cpu.max", "many more\n");
    assert_quota(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(v2__takes_the_tightest_on_the_way_up, begin, end),
        cmocka_unit_test_setup_teardown(v2__in_a_container_asks_the_top_of_the_mount, begin, end),
        cmocka_unit_test_setup_teardown(v1__divides_quota_by_period, begin, end),
        cmocka_unit_test_setup_teardown(nonsense__is_no_quota, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

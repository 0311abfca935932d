/* A disk that fails and a clock that jumps, for the one process that this library is preloaded into (LD_PRELOAD).

   qosmatin_fail(path, number, kinds, after): from the call `after` on (0 is the first), calls of these kinds on files at or below
   `path` fail with this errno; a number of 0 mends the disk. qosmatin_failed() counts the calls that failed since.
   qosmatin_shift(seconds): the wall clock goes so far ahead, or back; the monotonic one is left alone, as by a kernel. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { READ = 1, WRITE = 2, OPEN = 4 };

static char failing[4096];
static volatile int failing_number, failing_kinds;
static volatile long calls_left, calls_failed, seconds_ahead;

void qosmatin_fail(const char *path, int number, int kinds, long after) {
    failing_number = 0;
    snprintf(failing, sizeof failing, "%s", path);
    failing_kinds = kinds;
    calls_left = after;
    calls_failed = 0;
    failing_number = number;
}

long qosmatin_failed(void) { return calls_failed; }

void qosmatin_shift(long seconds) { seconds_ahead = seconds; }

static int path_fails(const char *path, int kind) {
    if (!failing_number || !(failing_kinds & kind) || strncmp(path, failing, strlen(failing))) return 0;
    if (__sync_fetch_and_sub(&calls_left, 1) > 0) return 0;
    __sync_fetch_and_add(&calls_failed, 1);
    errno = failing_number;
    return 1;
}

static int file_fails(int file, int kind) {
    char link[64], path[4096];
    int before = errno;
    ssize_t length;
    if (!failing_number || !(failing_kinds & kind)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    length = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length < 0) return 0;
    path[length] = 0;
    return path_fails(path, kind);
}

#define REAL(result, name, ...) \
    static result (*real)(__VA_ARGS__); \
    if (!real) real = (result (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

#define ON_FILE(result, name, kind, declared, passed, ...) \
    result name declared { \
        REAL(result, #name, __VA_ARGS__); \
        return file_fails(file, kind) ? -1 : real passed; \
    }

ON_FILE(ssize_t, read, READ, (int file, void *to, size_t count), (file, to, count), int, void *, size_t)
ON_FILE(ssize_t, pread, READ, (int file, void *to, size_t count, off_t at), (file, to, count, at), int, void *, size_t, off_t)
ON_FILE(ssize_t, pread64, READ, (int file, void *to, size_t count, off64_t at), (file, to, count, at), int, void *, size_t, off64_t)
ON_FILE(ssize_t, write, WRITE, (int file, const void *from, size_t count), (file, from, count), int, const void *, size_t)
ON_FILE(ssize_t, writev, WRITE, (int file, const struct iovec *from, int count), (file, from, count), int, const struct iovec *, int)
ON_FILE(ssize_t, pwrite, WRITE, (int file, const void *from, size_t count, off_t at), (file, from, count, at), int, const void *, size_t, off_t)
ON_FILE(ssize_t, pwrite64, WRITE, (int file, const void *from, size_t count, off64_t at), (file, from, count, at), int, const void *, size_t, off64_t)
ON_FILE(int, fsync, WRITE, (int file), (file), int)
ON_FILE(int, fdatasync, WRITE, (int file), (file), int)
ON_FILE(int, ftruncate64, WRITE, (int file, off64_t size), (file, size), int, off64_t)

#define ON_OPENING(name) \
    int name(const char *path, int flags, ...) { \
        va_list more; \
        mode_t mode; \
        REAL(int, #name, const char *, int, ...); \
        va_start(more, flags); \
        mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        return path_fails(path, OPEN) ? -1 : real(path, flags, mode); \
    }

ON_OPENING(open)
ON_OPENING(open64)

int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    return path_fails(to, WRITE) ? -1 : real(from, to);
}

int mkdir(const char *path, mode_t mode) {
    REAL(int, "mkdir", const char *, mode_t);
    return path_fails(path, WRITE) ? -1 : real(path, mode);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(int, "clock_gettime", clockid_t, struct timespec *);
    int result = real(clock, now);
    if (!result && clock == CLOCK_REALTIME) now->tv_sec += seconds_ahead;
    return result;
}

time_t time(time_t *to) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (to) *to = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *now, void *zone) {
    REAL(int, "gettimeofday", struct timeval *, void *);
    int result = real(now, zone);
    if (!result) now->tv_sec += seconds_ahead;
    return result;
}

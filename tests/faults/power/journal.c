/* What a desk's process does to its store, written down in order: the journal of a power cut (RELIABILITY.md 9.2).

   Preloaded into the process (LD_PRELOAD). Every change of POWER_STORE, its -wal and its -journal, every sync, and every
   line on standard output (an answer: what was promised) becomes a record in the file POWER_JOURNAL:

       kind (1 byte), file (1 byte), offset, length (8 bytes each, this machine's order), then `length` bytes for w and a

   Kinds: w written, t cut to `offset`, s synced, d the folder synced, u unlinked, a said on standard output,
   x something that this journal cannot tell (the test fails). The index (-shm) is left out: it does not outlive power. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MAIN = 0, WAL = 1, ROLLBACK = 2, FOLDER = 8, OTHER = 9 };

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char store[PATH_MAX], folder[PATH_MAX];
static int journal = -1;

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static int (*real_ftruncate)(int, off64_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);

static void begin(void)
{
    const char *named = getenv("POWER_STORE"), *into = getenv("POWER_JOURNAL");
    real_write = dlsym(RTLD_NEXT, "write");
    real_writev = dlsym(RTLD_NEXT, "writev");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    real_rename = dlsym(RTLD_NEXT, "rename");
    if (named == NULL || into == NULL || strlen(named) >= sizeof store)
        return;
    strcpy(store, named);
    strcpy(folder, named);
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        *slash = 0;
    journal = open(into, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int file_of(const char *path)
{
    size_t length = strlen(store);
    if (strcmp(path, folder) == 0)
        return FOLDER;
    if (strncmp(path, store, length) != 0)
        return OTHER;
    if (path[length] == 0)
        return MAIN;
    if (strcmp(path + length, "-wal") == 0)
        return WAL;
    if (strcmp(path + length, "-journal") == 0)
        return ROLLBACK;
    return OTHER;
}

static int file_behind(int fd)
{
    char link[64], path[PATH_MAX];
    pthread_once(&once, begin);
    if (journal < 0)
        return OTHER;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        return OTHER;
    path[length] = 0;
    return file_of(path);
}

static void put(const void *data, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t now = real_write(journal, (const char *)data + done, length - done);
        if (now <= 0)
            abort(); /* a journal with a hole would prove nothing */
        done += (size_t)now;
    }
}

static void note(char kind, int file, uint64_t offset, uint64_t length, const void *data)
{
    char head[18] = {kind, (char)file};
    memcpy(head + 2, &offset, 8);
    memcpy(head + 10, &length, 8);
    put(head, sizeof head);
    if (data != NULL)
        put(data, length);
}

ssize_t write(int fd, const void *data, size_t length)
{
    int file = file_behind(fd);
    if (journal >= 0 && fd == STDOUT_FILENO) { /* noted before anybody can read it */
        pthread_mutex_lock(&one_at_a_time);
        note('a', OTHER, 0, length, data);
        pthread_mutex_unlock(&one_at_a_time);
        return real_write(fd, data, length);
    }
    if (file == OTHER)
        return real_write(fd, data, length);
    pthread_mutex_lock(&one_at_a_time);
    off64_t offset = lseek64(fd, 0, SEEK_CUR);
    ssize_t done = real_write(fd, data, length);
    int problem = errno;
    if (done > 0)
        note('w', file, (uint64_t)offset, (uint64_t)done, data);
    pthread_mutex_unlock(&one_at_a_time);
    errno = problem;
    return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    if (file_behind(fd) != OTHER)
        note('x', OTHER, 0, 0, NULL);
    return real_writev(fd, parts, count);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset)
{
    int file = file_behind(fd);
    if (file == OTHER)
        return real_pwrite(fd, data, length, offset);
    pthread_mutex_lock(&one_at_a_time);
    ssize_t done = real_pwrite(fd, data, length, offset);
    int problem = errno;
    if (done > 0)
        note('w', file, (uint64_t)offset, (uint64_t)done, data);
    pthread_mutex_unlock(&one_at_a_time);
    errno = problem;
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset)
{
    return pwrite64(fd, data, length, offset);
}

int ftruncate64(int fd, off64_t length)
{
    int file = file_behind(fd);
    if (file == OTHER)
        return real_ftruncate(fd, length);
    pthread_mutex_lock(&one_at_a_time);
    int failed = real_ftruncate(fd, length);
    int problem = errno;
    if (!failed)
        note('t', file, (uint64_t)length, 0, NULL);
    pthread_mutex_unlock(&one_at_a_time);
    errno = problem;
    return failed;
}

int ftruncate(int fd, off_t length)
{
    return ftruncate64(fd, length);
}

static int synced(int fd, int (*real)(int))
{
    int file = file_behind(fd);
    if (file == OTHER)
        return real(fd);
    pthread_mutex_lock(&one_at_a_time);
    int failed = real(fd);
    int problem = errno;
    if (!failed)
        note(file == FOLDER ? 'd' : 's', file, 0, 0, NULL);
    pthread_mutex_unlock(&one_at_a_time);
    errno = problem;
    return failed;
}

int fsync(int fd)
{
    pthread_once(&once, begin);
    return synced(fd, real_fsync);
}

int fdatasync(int fd)
{
    pthread_once(&once, begin);
    return synced(fd, real_fdatasync);
}

int unlink(const char *path)
{
    pthread_once(&once, begin);
    int file = journal < 0 ? OTHER : file_of(path);
    if (file == OTHER)
        return real_unlink(path);
    pthread_mutex_lock(&one_at_a_time);
    int failed = real_unlink(path);
    int problem = errno;
    if (!failed)
        note('u', file, 0, 0, NULL);
    pthread_mutex_unlock(&one_at_a_time);
    errno = problem;
    return failed;
}

int rename(const char *from, const char *to)
{
    pthread_once(&once, begin);
    if (journal >= 0 && (file_of(from) < FOLDER || file_of(to) < FOLDER))
        note('x', OTHER, 0, 0, NULL);
    return real_rename(from, to);
}

// Stands between SQLite and the system (LD_PRELOAD): records each change that reaches a file below FAULT_ROOT in the file
// FAULT_RECORD, and plays the disk that lies or fails when the test has said so in the file FAULT_ORDER, which both map.
// The index of the write-ahead log (-shm) is mapped memory, which no call passes, and the lock file holds nothing: both are
// left alone. File names, record and order are read by store-folder.ts, disk-record.ts and fault-order.ts.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

// The symbols without 64 are wrapped as well, so they need types of their own.
_Static_assert(sizeof(off_t) == 8, "offsets have 64 bits");

enum { FILES_MAX = 65536, SECTOR = 512, KEPT = 1 << 12, KEPT_BYTES = 8192 };
enum role { NONE, DATABASE = 1, LOG = 2, OTHER = 4, FOLDER = 8 };
enum fault {
  NO_FAULT, FLIPPED_READ, STALE_READ, FAILED_READ, FLIPPED_WRITE, TORN_WRITE, DROPPED_WRITE, MISPLACED_WRITE, SWAPPED_WRITE,
  FAILED_WRITE, FULL_DISK, LYING_SYNC, FAILED_SYNC
};
enum change { OPENED = 1, CREATED, WRITTEN, TRUNCATED, SYNCED, UNLINKED, RENAMED, FOLDER_SYNCED, FAULT };

struct order {
  uint32_t fault, roles, countdown, times, seed, done;
};
struct file {
  enum role role;
  uint64_t inode;
};
struct kept {
  uint64_t inode, offset;
  uint32_t length;
  unsigned char bytes[KEPT_BYTES];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct file files[FILES_MAX];
static struct kept *kept;
static volatile struct order *order;
static int record = -1;
static const char *root;
static uint64_t chance;

#define REAL(name) ((__typeof__(&name))real(&name##_address, #name))
#define REAL_OF(name) static void *name##_address
REAL_OF(open); REAL_OF(close); REAL_OF(pread64); REAL_OF(pwrite64); REAL_OF(write); REAL_OF(fsync); REAL_OF(ftruncate64);
REAL_OF(unlink); REAL_OF(rename); REAL_OF(remove);

static void *real(void **address, const char *name) {
  if (*address == NULL) *address = dlsym(RTLD_NEXT, name);
  return *address;
}

__attribute__((constructor)) static void begin(void) {
  const char *record_path = getenv("FAULT_RECORD");
  const char *order_path = getenv("FAULT_ORDER");
  if (record_path == NULL || order_path == NULL || getenv("FAULT_ROOT") == NULL) return;
  record = REAL(open)(record_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  int of_order = REAL(open)(order_path, O_RDWR | O_CLOEXEC);
  void *mapped = mmap(NULL, sizeof *order, PROT_READ | PROT_WRITE, MAP_SHARED, of_order, 0);
  kept = calloc(KEPT, sizeof *kept);
  // Without all of it the test would look at a disk that never fails.
  if (record < 0 || mapped == MAP_FAILED || kept == NULL) abort();
  order = mapped;
  root = getenv("FAULT_ROOT");
}

// --- what happened, for whoever plays the disk again

static void note(enum change change, uint64_t inode, uint64_t offset, const void *bytes, uint32_t length) {
  unsigned char head[24];
  uint32_t kind = change;
  memcpy(head, &kind, 4);
  memcpy(head + 4, &length, 4);
  memcpy(head + 8, &inode, 8);
  memcpy(head + 16, &offset, 8);
  if (REAL(write)(record, head, sizeof head) != sizeof head) abort();
  if (length > 0 && REAL(write)(record, bytes, length) != (ssize_t)length) abort();
}

static void note_path(enum change change, uint64_t inode, const char *path) {
  note(change, inode, 0, path, (uint32_t)strlen(path));
}

static uint64_t draw(uint64_t below) {
  chance = chance * 6364136223846793005u + 1442695040888963407u;
  return below == 0 ? 0 : (chance >> 33) % below;
}

/** Whether the ordered fault strikes this call. */
static int strikes(enum fault fault, const struct file *file, uint64_t offset, uint32_t length) {
  if (order->fault != fault || order->times == 0 || (order->roles & file->role) == 0) return 0;
  if (order->countdown > 0) {
    order->countdown -= 1;
    return 0;
  }
  if (order->done == 0) chance = order->seed;
  order->times -= 1;
  order->done += 1;
  uint32_t told[3] = {fault, file->role, length};
  note(FAULT, file->inode, offset, told, sizeof told);
  return 1;
}

// --- which calls concern the store

static enum role role_of(const char *path) {
  if (root == NULL || path == NULL || strncmp(path, root, strlen(root)) != 0) return NONE;
  const char *name = strrchr(path, '/') + 1;
  if (strcmp(name, "events.db") == 0) return DATABASE;
  if (strcmp(name, "events.db-wal") == 0) return LOG;
  return strstr(name, "-shm") != NULL || strstr(name, "-lock") != NULL ? NONE : OTHER;
}

// libuv closes files with a system call of its own, which is not seen here: a number may be another file's by now.
static struct file *file_of(int descriptor) {
  if (root == NULL || descriptor < 0 || descriptor >= FILES_MAX || files[descriptor].role == NONE) return NULL;
  struct stat now;
  int problem = errno;
  if (fstat(descriptor, &now) != 0 || now.st_ino != files[descriptor].inode) files[descriptor].role = NONE;
  errno = problem;
  return files[descriptor].role == NONE ? NULL : &files[descriptor];
}

static int open_any(const char *path, int flags, mode_t mode) {
  enum role role = role_of(path);
  if (role == NONE) return REAL(open)(path, flags, mode);
  pthread_mutex_lock(&mutex);
  struct stat before, now;
  int was_there = stat(path, &before) == 0;
  int descriptor = REAL(open)(path, flags, mode);
  int problem = errno;
  if (descriptor >= 0 && descriptor < FILES_MAX && fstat(descriptor, &now) == 0) {
    files[descriptor] = (struct file){S_ISDIR(now.st_mode) ? FOLDER : role, now.st_ino};
    if (!S_ISDIR(now.st_mode)) note_path(was_there ? OPENED : CREATED, now.st_ino, path);
    if (was_there && (flags & O_TRUNC)) note(TRUNCATED, now.st_ino, 0, NULL, 0);
  }
  pthread_mutex_unlock(&mutex);
  errno = problem;
  return descriptor;
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_any(path, flags, mode);
}
int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int close(int descriptor) {
  if (file_of(descriptor) != NULL) files[descriptor].role = NONE;
  return REAL(close)(descriptor);
}

// --- reads

static struct kept *kept_at(uint64_t inode, uint64_t offset) {
  return &kept[((inode * 0x9E3779B97F4A7C15u) ^ (offset * 0xC2B2AE3D27D4EB4Fu)) >> 52];
}

ssize_t pread64(int descriptor, void *bytes, size_t length, off64_t offset) {
  ssize_t got = REAL(pread64)(descriptor, bytes, length, offset);
  struct file *file = file_of(descriptor);
  if (file == NULL || got <= 0) return got;
  pthread_mutex_lock(&mutex);
  struct kept *old = kept_at(file->inode, (uint64_t)offset);
  int is_old = old->inode == file->inode && old->offset == (uint64_t)offset && old->length == got &&
               memcmp(old->bytes, bytes, (size_t)got) != 0;
  if (strikes(FLIPPED_READ, file, (uint64_t)offset, (uint32_t)got)) {
    ((unsigned char *)bytes)[draw((uint64_t)got)] ^= (unsigned char)(1 << draw(8));
  } else if (is_old && strikes(STALE_READ, file, (uint64_t)offset, (uint32_t)got)) {
    memcpy(bytes, old->bytes, (size_t)got);
  } else if (strikes(FAILED_READ, file, (uint64_t)offset, (uint32_t)got)) {
    got = -1;
  }
  pthread_mutex_unlock(&mutex);
  if (got < 0) errno = EIO;
  return got;
}
ssize_t pread(int descriptor, void *bytes, size_t length, off_t offset) __attribute__((alias("pread64")));

// --- writes

/** Writes to the file itself, and says so in the record. */
static ssize_t reach(int descriptor, const void *bytes, size_t length, off64_t offset) {
  struct file *file = &files[descriptor];
  struct kept *old = kept_at(file->inode, (uint64_t)offset);
  // What it takes the place of is what a stale read answers later.
  ssize_t had = length > KEPT_BYTES ? -1 : REAL(pread64)(descriptor, old->bytes, length, offset);
  old->inode = had == (ssize_t)length ? file->inode : 0;
  old->offset = (uint64_t)offset;
  old->length = (uint32_t)length;
  ssize_t put = REAL(pwrite64)(descriptor, bytes, length, offset);
  if (put > 0) note(WRITTEN, file->inode, (uint64_t)offset, bytes, (uint32_t)put);
  return put;
}

/** An open descriptor of a file in this role that may be written, or -1. */
static int descriptor_of(enum role role) {
  for (int each = 0; each < FILES_MAX; each += 1) {
    struct file *file = file_of(each);
    if (file != NULL && file->role == role && (fcntl(each, F_GETFL) & O_ACCMODE) == O_RDWR) return each;
  }
  return -1;
}

static ssize_t write_as_ordered(int descriptor, const void *bytes, size_t length, off64_t offset) {
  struct file *file = &files[descriptor];
  uint32_t told = (uint32_t)length;
  ssize_t all = (ssize_t)length;
  if (strikes(FAILED_WRITE, file, (uint64_t)offset, told)) return errno = EIO, -1;
  if (strikes(FULL_DISK, file, (uint64_t)offset, told)) return errno = ENOSPC, -1;
  if (strikes(DROPPED_WRITE, file, (uint64_t)offset, told)) return all;
  if (strikes(FLIPPED_WRITE, file, (uint64_t)offset, told)) {
    unsigned char *flipped = malloc(length);
    memcpy(flipped, bytes, length);
    flipped[draw(length)] ^= (unsigned char)(1 << draw(8));
    ssize_t put = reach(descriptor, flipped, length, offset);
    free(flipped);
    return put;
  }
  if (length > SECTOR && strikes(TORN_WRITE, file, (uint64_t)offset, told)) {
    size_t part = SECTOR * (1 + draw((length - 1) / SECTOR));
    return reach(descriptor, bytes, part, offset) == (ssize_t)part ? all : -1;
  }
  if (strikes(MISPLACED_WRITE, file, (uint64_t)offset, told)) {
    struct stat now;
    // On the grid of its own file, so that it takes the place of another whole page or frame.
    off64_t step = file->role == LOG ? 4096 + 24 : 4096;
    off64_t places = fstat(descriptor, &now) == 0 ? now.st_size / step : 0;
    off64_t place = offset % step + step * (off64_t)draw((uint64_t)places);
    return reach(descriptor, bytes, length, place == offset ? offset + step : place) == all ? all : -1;
  }
  if (length >= 4096 && strikes(SWAPPED_WRITE, file, (uint64_t)offset, told)) {
    int other = descriptor_of(file->role == LOG ? DATABASE : LOG);
    if (other >= 0) return reach(other, bytes, length, offset / 4096 * 4096) == all ? all : -1;
  }
  return reach(descriptor, bytes, length, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t offset) {
  if (file_of(descriptor) == NULL) return REAL(pwrite64)(descriptor, bytes, length, offset);
  pthread_mutex_lock(&mutex);
  ssize_t put = write_as_ordered(descriptor, bytes, length, offset);
  int problem = errno;
  pthread_mutex_unlock(&mutex);
  errno = problem;
  return put;
}
ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t offset) __attribute__((alias("pwrite64")));

// Node's own writes, which SQLite never does; no faults here but those of pwrite64.
ssize_t write(int descriptor, const void *bytes, size_t length) {
  if (file_of(descriptor) == NULL) return REAL(write)(descriptor, bytes, length);
  off64_t at = lseek64(descriptor, 0, SEEK_CUR);
  ssize_t put = pwrite64(descriptor, bytes, length, at);
  if (put > 0) lseek64(descriptor, at + put, SEEK_SET);
  return put;
}

int ftruncate64(int descriptor, off64_t length) {
  struct file *file = file_of(descriptor);
  if (file == NULL) return REAL(ftruncate64)(descriptor, length);
  pthread_mutex_lock(&mutex);
  int outcome = REAL(ftruncate64)(descriptor, length);
  if (outcome == 0) note(TRUNCATED, file->inode, (uint64_t)length, NULL, 0);
  pthread_mutex_unlock(&mutex);
  return outcome;
}
int ftruncate(int descriptor, off_t length) __attribute__((alias("ftruncate64")));

// --- syncs. The test is what loses power, so that nothing waits for the machine's own disk.

int fsync(int descriptor) {
  struct file *file = file_of(descriptor);
  if (file == NULL) return REAL(fsync)(descriptor);
  pthread_mutex_lock(&mutex);
  int fails = strikes(FAILED_SYNC, file, 0, 0);
  if (!fails && !strikes(LYING_SYNC, file, 0, 0)) {
    note(file->role == FOLDER ? FOLDER_SYNCED : SYNCED, file->inode, 0, NULL, 0);
  }
  pthread_mutex_unlock(&mutex);
  if (fails) errno = EIO;
  return fails ? -1 : 0;
}
int fdatasync(int descriptor) __attribute__((alias("fsync")));

// --- names

static int forget(const char *path, int outcome) {
  if (outcome == 0) note_path(UNLINKED, 0, path);
  return outcome;
}

int unlink(const char *path) {
  if (role_of(path) == NONE) return REAL(unlink)(path);
  pthread_mutex_lock(&mutex);
  int outcome = forget(path, REAL(unlink)(path));
  pthread_mutex_unlock(&mutex);
  return outcome;
}

int remove(const char *path) {
  if (role_of(path) == NONE) return REAL(remove)(path);
  pthread_mutex_lock(&mutex);
  int outcome = forget(path, REAL(remove)(path));
  pthread_mutex_unlock(&mutex);
  return outcome;
}

int rename(const char *from, const char *to) {
  if (role_of(from) == NONE) return REAL(rename)(from, to);
  pthread_mutex_lock(&mutex);
  int outcome = REAL(rename)(from, to);
  if (outcome == 0) {
    char both[8192];
    size_t length = strlen(from) + 1 + strlen(to);
    if (length >= sizeof both) abort();
    strcpy(both, from);
    both[strlen(from)] = '\n';
    strcpy(both + strlen(from) + 1, to);
    note(RENAMED, 0, 0, both, (uint32_t)length);
  }
  pthread_mutex_unlock(&mutex);
  return outcome;
}

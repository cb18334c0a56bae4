/* SPDX-License-Identifier: MIT
 * Test of the RAM disk's files. Usage: files [MODULE]: a file that ringscope --module has loaded,
 * whose content is its own name. */

#include "wide.h"

#include <tap.h>

#define READ_WRITE (FILE_GENERIC_READ | FILE_GENERIC_WRITE | DELETE)
#define BAD_ADDRESS ((void *)0x600000000)
#define BIG 0x9000u

static struct io_status_block io_status;

static NTSTATUS create(const char *path, uint32_t access, uint32_t share, uint32_t disposition,
                       uint32_t options, HANDLE *file)
{
    struct wide_name name = wide_name(path);

    return NtCreateFile(file, access, wide_attributes(&name), &io_status, NULL,
                        FILE_ATTRIBUTE_NORMAL, share, disposition, options, NULL, 0);
}

static NTSTATUS write_at(HANDLE file, int64_t offset, const void *bytes, uint32_t length)
{
    return NtWriteFile(file, NULL, NULL, NULL, &io_status, bytes, length, &offset, NULL);
}

static NTSTATUS read_at(HANDLE file, int64_t offset, void *bytes, uint32_t length)
{
    return NtReadFile(file, NULL, NULL, NULL, &io_status, bytes, length, &offset, NULL);
}

static int64_t end_of_file(HANDLE file)
{
    struct file_standard_information info = {0};

    NtQueryInformationFile(file, &io_status, &info, sizeof(info), FileStandardInformation);
    return info.EndOfFile;
}

static void test_create(void)
{
    HANDLE file, other;

    tap_status(create("\\??\\C:\\new", READ_WRITE, 0, FILE_OPEN, 0, &file),
               STATUS_OBJECT_NAME_NOT_FOUND, "open: a file that is not there");
    tap_status(create("\\??\\C:\\new", READ_WRITE, 0, FILE_CREATE, 0, &file), STATUS_SUCCESS,
               "create: a file");
    tap_equal(io_status.Information, FILE_CREATED, "create: it was made");
    tap_status(create("\\??\\C:\\NEW", FILE_GENERIC_READ, 7, FILE_OPEN, 0, &other),
               STATUS_SHARING_VIOLATION, "open: it is not shared");
    NtClose(file);
    tap_status(create("\\??\\C:\\New", READ_WRITE, 7, FILE_CREATE, 0, &file),
               STATUS_OBJECT_NAME_COLLISION, "create: names are compared without case");
    tap_status(create("\\Device\\RamDisk\\new", FILE_GENERIC_READ, 7, FILE_OPEN, 0, &file),
               STATUS_SUCCESS, "open: by the name of the device");
    tap_status(create("\\??\\C:\\new", FILE_GENERIC_READ, 7, FILE_OPEN_IF, 0, &other),
               STATUS_SUCCESS, "open: twice, shared");
    tap_equal(io_status.Information, FILE_OPENED, "open: it was there");
    tap_status(write_at(other, 0, "x", 1), STATUS_ACCESS_DENIED, "write: a handle for reading");
    NtClose(other);
    NtClose(file);
    tap_status(create("\\??\\D:\\new", READ_WRITE, 0, FILE_OPEN, 0, &file),
               STATUS_OBJECT_PATH_NOT_FOUND, "open: on another disk");
    tap_status(create("\\??\\C:\\sub\\new", READ_WRITE, 0, FILE_CREATE, 0, &file),
               STATUS_OBJECT_PATH_NOT_FOUND, "create: in a directory that is not there");
    tap_status(NtOpenFile(&file, READ_WRITE, BAD_ADDRESS, &io_status, 0, 0),
               STATUS_ACCESS_VIOLATION, "open: attributes not readable");
}

static void test_transfer(void)
{
    static uint8_t pattern[BIG], copy[BIG];
    uint64_t position = 2;
    HANDLE file;
    char text[8] = "";

    for (unsigned i = 0; i < BIG; i++)
        pattern[i] = (uint8_t)(i * 7 + i / 256);
    create("\\??\\C:\\data", READ_WRITE, 0, FILE_OVERWRITE_IF, 0, &file);
    tap_status(NtWriteFile(file, NULL, NULL, NULL, &io_status, "hello", 5, NULL, NULL),
               STATUS_SUCCESS, "write: at the position");
    NtWriteFile(file, NULL, NULL, NULL, &io_status, "!", 1, NULL, NULL);
    tap_ok(read_at(file, 0, text, 8) == STATUS_SUCCESS && io_status.Information == 6 &&
               strcmp(text, "hello!") == 0,
           "read: what two writes made, up to the end");
    tap_status(read_at(file, 6, text, 1), STATUS_END_OF_FILE, "read: behind the end");
    tap_status(NtSetInformationFile(file, &io_status, &position, 8, FilePositionInformation),
               STATUS_SUCCESS, "set: position");
    NtReadFile(file, NULL, NULL, NULL, &io_status, text, 2, NULL, NULL);
    tap_ok(memcmp(text, "ll", 2) == 0, "read: at the position");
    NtQueryInformationFile(file, &io_status, &position, 8, FilePositionInformation);
    tap_equal(position, 4, "query: the position went on");
    write_at(file, FILE_WRITE_TO_END_OF_FILE, "?", 1);
    tap_equal((uint64_t)end_of_file(file), 7, "write: at the end");
    tap_status(write_at(file, 0x800, pattern, BIG), STATUS_SUCCESS, "write: many pages");
    tap_equal((uint64_t)end_of_file(file), 0x800 + BIG, "query: the end of the file");
    read_at(file, 0x800, copy, BIG);
    tap_ok(io_status.Information == BIG && memcmp(pattern, copy, BIG) == 0, "read: all of them");
    read_at(file, 0x7f8, text, 8);
    tap_ok(memcmp(text, "\0\0\0\0\0\0\0", 8) == 0, "read: the gap is zero");
    tap_status(write_at(file, 0, BAD_ADDRESS, 1), STATUS_ACCESS_VIOLATION,
               "write: bytes not readable");
    tap_status(read_at(file, 0, BAD_ADDRESS, 1), STATUS_ACCESS_VIOLATION,
               "read: buffer not writable");
    tap_status(write_at(file, -7, "x", 1), STATUS_INVALID_PARAMETER, "write: a negative offset");
    tap_status(write_at(file, 1ll << 50, "x", 1), STATUS_DISK_FULL, "write: very far away");
    tap_status(NtFlushBuffersFile(file, &io_status), STATUS_SUCCESS, "flush");
    NtClose(file);
}

static void test_information(void)
{
    struct file_standard_information standard = {0};
    struct file_basic_information basic = {0};
    struct wide_name data = wide_name("\\??\\C:\\data"), none = wide_name("\\??\\C:\\none");
    struct {
        struct file_name_information info;
        uint16_t text[16];
    } name;
    int64_t end = 0x1004;
    uint32_t word = 1;
    HANDLE file;

    create("\\??\\C:\\data", READ_WRITE, 0, FILE_OPEN, 0, &file);
    NtQueryInformationFile(file, &io_status, &standard, sizeof(standard), FileStandardInformation);
    tap_ok(standard.NumberOfLinks == 1 && !standard.Directory && !standard.DeletePending &&
               standard.AllocationSize >= standard.EndOfFile,
           "query: standard");
    tap_status(NtQueryInformationFile(file, &io_status, &name, sizeof(name), FileNameInformation),
               STATUS_SUCCESS, "query: name");
    tap_ok(name.info.FileNameLength == 10 && name.info.FileName[0] == '\\' &&
               name.info.FileName[4] == 'a',
           "query: it is that of the file");
    tap_status(NtQueryInformationFile(file, &io_status, &name, 6, FileNameInformation),
               STATUS_BUFFER_OVERFLOW, "query: a part of the name");
    tap_status(NtQueryInformationFile(file, &io_status, &name, 4, FileStandardInformation),
               STATUS_INFO_LENGTH_MISMATCH, "query: too small a buffer");
    tap_status(NtQueryInformationFile(file, &io_status, &name, 4, 99), STATUS_INVALID_INFO_CLASS,
               "query: a class that is not one");
    tap_status(NtSetInformationFile(file, &io_status, &end, 8, FileEndOfFileInformation),
               STATUS_SUCCESS, "set: cut the file");
    tap_equal((uint64_t)end_of_file(file), 0x1004, "set: it is shorter");
    end = 0x1010;
    NtSetInformationFile(file, &io_status, &end, 8, FileEndOfFileInformation);
    read_at(file, 0x1004, &word, 4);
    tap_equal(word, 0, "set: what was cut off does not come back");
    NtClose(file);
    tap_status(NtQueryAttributesFile(wide_attributes(&data), &basic), STATUS_SUCCESS,
               "query: attributes by name");
    tap_ok(basic.FileAttributes == FILE_ATTRIBUTE_NORMAL && basic.LastWriteTime > 0,
           "query: those of a file");
    tap_status(NtQueryAttributesFile(wide_attributes(&none), &basic), STATUS_OBJECT_NAME_NOT_FOUND,
               "query: of a file that is not there");
}

static void test_delete(void)
{
    struct wide_name fresh = wide_name("\\??\\C:\\new"), own = wide_name("\\??\\C:\\files");
    uint8_t yes = 1;
    HANDLE file, other;

    tap_status(NtDeleteFile(wide_attributes(&fresh)), STATUS_SUCCESS, "delete: by name");
    tap_status(NtDeleteFile(wide_attributes(&fresh)), STATUS_OBJECT_NAME_NOT_FOUND,
               "delete: again");
    tap_status(NtDeleteFile(wide_attributes(&own)), STATUS_CANNOT_DELETE,
               "delete: what ringscope has loaded");
    create("\\??\\C:\\data", READ_WRITE, 7, FILE_OPEN, 0, &file);
    tap_status(NtSetInformationFile(file, &io_status, &yes, 1, FileDispositionInformation),
               STATUS_SUCCESS, "delete: by handle");
    tap_status(create("\\??\\C:\\data", FILE_GENERIC_READ, 7, FILE_OPEN, 0, &other),
               STATUS_DELETE_PENDING, "delete: nobody else opens it");
    NtClose(file);
    tap_status(create("\\??\\C:\\data", READ_WRITE, 7, FILE_OPEN, 0, &file),
               STATUS_OBJECT_NAME_NOT_FOUND, "delete: gone with the last handle");
    create("\\??\\C:\\once", READ_WRITE, 7, FILE_CREATE, FILE_DELETE_ON_CLOSE, &file);
    NtClose(file);
    tap_status(create("\\??\\C:\\once", READ_WRITE, 7, FILE_OPEN, 0, &file),
               STATUS_OBJECT_NAME_NOT_FOUND, "delete: on close");
}

/* True if the directory has the name, case and all. */
static bool find(HANDLE directory, const char *name)
{
    uint8_t buffer[512];
    bool found = false;
    uint8_t restart = true;

    while (NtQueryDirectoryFile(directory, NULL, NULL, NULL, &io_status, buffer, sizeof(buffer),
                                FileDirectoryInformation, false, NULL, restart) == STATUS_SUCCESS) {
        const uint8_t *entry = buffer;

        restart = false;
        for (;;) {
            const struct file_directory_information *info = (const void *)entry;
            unsigned length = info->FileNameLength / 2, i = 0;

            while (i < length && info->FileName[i] == (uint8_t)name[i])
                i++;
            found |= i == length && name[i] == 0;
            if (info->NextEntryOffset == 0)
                break;
            entry += info->NextEntryOffset;
        }
    }
    return found;
}

static void test_directory(void)
{
    HANDLE directory, file;

    tap_status(
        create("\\??\\C:\\", FILE_LIST_DIRECTORY, 7, FILE_OPEN, FILE_DIRECTORY_FILE, &directory),
        STATUS_SUCCESS, "directory: open");
    tap_ok(find(directory, "files"), "directory: it has the program");
    tap_ok(!find(directory, "Listed"), "directory: and not yet this");
    create("\\??\\C:\\Listed", READ_WRITE, 7, FILE_CREATE, FILE_DELETE_ON_CLOSE, &file);
    tap_ok(find(directory, "Listed"), "directory: a new file is in it");
    NtClose(file);
    tap_ok(!find(directory, "Listed"), "directory: a deleted one is not");
    tap_status(read_at(directory, 0, &file, 1), STATUS_INVALID_DEVICE_REQUEST,
               "directory: it has no bytes");
    NtClose(directory);
    tap_status(create("\\??\\C:\\", FILE_LIST_DIRECTORY, 7, FILE_OPEN, FILE_NON_DIRECTORY_FILE,
                      &directory),
               STATUS_FILE_IS_A_DIRECTORY, "directory: it is no file");
}

static void test_console(void)
{
    static const char text[] = "# written to \\Device\\Console\n";
    HANDLE console;

    tap_status(create("\\Device\\Console", FILE_GENERIC_WRITE, 7, FILE_OPEN, 0, &console),
               STATUS_SUCCESS, "console: open");
    tap_status(
        NtWriteFile(console, NULL, NULL, NULL, &io_status, text, sizeof(text) - 1, NULL, NULL),
        STATUS_SUCCESS, "console: write");
    tap_equal(io_status.Information, sizeof(text) - 1, "console: all of it");
    tap_status(NtReadFile(console, NULL, NULL, NULL, &io_status, &console, 1, NULL, NULL),
               STATUS_ACCESS_DENIED, "console: reading was not asked for");
    NtClose(console);
    tap_status(create("\\??\\con", FILE_GENERIC_READ, 7, FILE_OPEN, 0, &console), STATUS_SUCCESS,
               "console: by its short name");
    NtClose(console);
    tap_status(create("\\Device\\Console", FILE_GENERIC_READ, 7, FILE_CREATE, 0, &console),
               STATUS_OBJECT_NAME_COLLISION, "console: it cannot be made");
}

static void test_module(const char *module)
{
    char path[64], text[32] = "";
    HANDLE file;

    snprintf(path, sizeof(path), "\\??\\C:\\%s", module);
    tap_status(create(path, FILE_GENERIC_READ, 7, FILE_OPEN, 0, &file), STATUS_SUCCESS,
               "module: open");
    read_at(file, 0, text, sizeof(text) - 1);
    tap_ok(io_status.Information == strlen(module) && strcmp(text, module) == 0,
           "module: its content");
    NtClose(file);
    tap_status(create(path, READ_WRITE, 7, FILE_OPEN, 0, &file), STATUS_ACCESS_DENIED,
               "module: it cannot be written");
}

int main(int argc, char **argv)
{
    test_create();
    test_transfer();
    test_information();
    test_delete();
    test_directory();
    test_console();
    if (argc > 1)
        test_module(argv[1]);
    return tap_done();
}

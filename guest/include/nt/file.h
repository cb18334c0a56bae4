/* SPDX-License-Identifier: MIT
 * Files: access rights, options and information classes. Source: Windows Driver Kit documentation,
 * "ZwCreateFile", "FILE_INFORMATION_CLASS". */
#ifndef NT_FILE_H
#define NT_FILE_H

#include <nt/types.h>

#define FILE_READ_DATA 0x0001u
#define FILE_WRITE_DATA 0x0002u
#define FILE_APPEND_DATA 0x0004u
#define FILE_EXECUTE 0x0020u
#define FILE_READ_ATTRIBUTES 0x0080u
#define FILE_WRITE_ATTRIBUTES 0x0100u
#define FILE_GENERIC_READ 0x00120089u
#define FILE_GENERIC_WRITE 0x00120116u
#define FILE_GENERIC_EXECUTE 0x001200a0u
#define FILE_ALL_ACCESS 0x001f01ffu
#define FILE_LIST_DIRECTORY FILE_READ_DATA

#define FILE_SHARE_READ 1u
#define FILE_SHARE_WRITE 2u
#define FILE_SHARE_DELETE 4u

/* CreateDisposition */
#define FILE_SUPERSEDE 0u
#define FILE_OPEN 1u
#define FILE_CREATE 2u
#define FILE_OPEN_IF 3u
#define FILE_OVERWRITE 4u
#define FILE_OVERWRITE_IF 5u

/* IoStatusBlock.Information of NtCreateFile */
#define FILE_SUPERSEDED 0u
#define FILE_OPENED 1u
#define FILE_CREATED 2u
#define FILE_OVERWRITTEN 3u

/* CreateOptions */
#define FILE_DIRECTORY_FILE 0x0001u
#define FILE_SYNCHRONOUS_IO_NONALERT 0x0020u
#define FILE_NON_DIRECTORY_FILE 0x0040u
#define FILE_DELETE_ON_CLOSE 0x1000u

#define FILE_ATTRIBUTE_READONLY 0x01u
#define FILE_ATTRIBUTE_DIRECTORY 0x10u
#define FILE_ATTRIBUTE_NORMAL 0x80u

/* ByteOffset */
#define FILE_WRITE_TO_END_OF_FILE (-1ll)
#define FILE_USE_FILE_POINTER_POSITION (-2ll)

#define FileDirectoryInformation 1u
#define FileBasicInformation 4u
#define FileStandardInformation 5u
#define FileNameInformation 9u
#define FileNamesInformation 12u
#define FileDispositionInformation 13u
#define FilePositionInformation 14u
#define FileEndOfFileInformation 20u

struct file_basic_information {
    int64_t CreationTime, LastAccessTime, LastWriteTime, ChangeTime;
    uint32_t FileAttributes;
};

struct file_standard_information {
    int64_t AllocationSize;
    int64_t EndOfFile;
    uint32_t NumberOfLinks;
    uint8_t DeletePending;
    uint8_t Directory;
};

struct file_name_information {
    uint32_t FileNameLength; /* bytes */
    uint16_t FileName[];
};

struct file_directory_information {
    uint32_t NextEntryOffset;
    uint32_t FileIndex;
    int64_t CreationTime, LastAccessTime, LastWriteTime, ChangeTime;
    int64_t EndOfFile;
    int64_t AllocationSize;
    uint32_t FileAttributes;
    uint32_t FileNameLength;
    uint16_t FileName[];
};

struct file_names_information {
    uint32_t NextEntryOffset;
    uint32_t FileIndex;
    uint32_t FileNameLength;
    uint16_t FileName[];
};

_Static_assert(sizeof(struct file_basic_information) == 0x28, "FILE_BASIC_INFORMATION");
_Static_assert(sizeof(struct file_standard_information) == 0x18, "FILE_STANDARD_INFORMATION");
_Static_assert(offsetof(struct file_directory_information, FileName) == 0x40,
               "FILE_DIRECTORY_INFORMATION");
_Static_assert(offsetof(struct file_names_information, FileName) == 0xc, "FILE_NAMES_INFORMATION");

#endif

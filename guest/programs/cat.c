/* SPDX-License-Identifier: MIT
 * cat: copies the standard input to the standard output. */

#include <ntdll.h>

int main(int argc, char **argv)
{
    const struct process_parameters *parameters = RtlGetParameters();
    struct io_status_block io_status;
    char buffer[4096];
    NTSTATUS status;

    (void)argc;
    (void)argv;
    for (;;) {
        status = NtReadFile(parameters->StandardInput, NULL, NULL, NULL, &io_status, buffer,
                            sizeof(buffer), NULL, NULL);
        if (status == STATUS_END_OF_FILE)
            return 0;
        if (NT_SUCCESS(status))
            status = NtWriteFile(parameters->StandardOutput, NULL, NULL, NULL, &io_status, buffer,
                                 (uint32_t)io_status.Information, NULL, NULL);
        if (!NT_SUCCESS(status))
            return status;
    }
}

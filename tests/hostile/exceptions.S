/* SPDX-License-Identifier: MIT
 * exceptions: a storm of exceptions, of ring 0 and in handlers. */

#include "hostile.h"

        guest   exceptions
1:      try     ud2
        try     mov %rax, -1
        xor     %ecx, %ecx
        try     div %ecx
        try     mov %ecx, %ss
        try     movl $0, 0x7fffffff
        jmp     1b

        .section .note.GNU-stack, "", @progbits

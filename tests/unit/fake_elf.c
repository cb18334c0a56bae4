/* SPDX-License-Identifier: MIT
 * Builds the small ELF64 file. */
#include "fake_elf.h"

#include <string.h>

static void build_header(struct fake_elf *elf)
{
    elf->header = (Elf64_Ehdr){
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_entry = 0x140001010,
        .e_phoff = offsetof(struct fake_elf, segments),
        .e_shoff = offsetof(struct fake_elf, sections),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = FAKE_ELF_SEGMENTS,
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = FAKE_ELF_SECTIONS,
    };
}

static void build_segments(struct fake_elf *elf)
{
    elf->segments[0] = (Elf64_Phdr){.p_type = PT_LOAD,
                                    .p_flags = PF_R | PF_X,
                                    .p_offset = 0x1000,
                                    .p_vaddr = 0x140001000,
                                    .p_paddr = 0x201000,
                                    .p_filesz = 0x800,
                                    .p_memsz = 0x800,
                                    .p_align = 0x1000};
    elf->segments[1] = (Elf64_Phdr){.p_type = PT_LOAD,
                                    .p_flags = PF_R | PF_W,
                                    .p_offset = 0x2000,
                                    .p_vaddr = 0x140002000,
                                    .p_paddr = 0x202000,
                                    .p_filesz = 0x100,
                                    .p_memsz = 0x900,
                                    .p_align = 0x1000};
    elf->segments[2] = (Elf64_Phdr){.p_type = PT_NOTE,
                                    .p_flags = PF_R,
                                    .p_offset = offsetof(struct fake_elf, note),
                                    .p_filesz = sizeof(elf->note),
                                    .p_memsz = sizeof(elf->note),
                                    .p_align = 4};
}

static void build_symbols(struct fake_elf *elf)
{
    /* Offsets:                    0 1      7       14 */
    static const char strings[] = "\0start\0middle\0last";

    elf->sections[1] = (Elf64_Shdr){.sh_type = SHT_SYMTAB,
                                    .sh_offset = offsetof(struct fake_elf, symbols),
                                    .sh_size = sizeof(elf->symbols),
                                    .sh_link = 2,
                                    .sh_entsize = sizeof(Elf64_Sym)};
    elf->sections[2] = (Elf64_Shdr){.sh_type = SHT_STRTAB,
                                    .sh_offset = offsetof(struct fake_elf, strings),
                                    .sh_size = sizeof(strings)};
    memcpy(elf->strings, strings, sizeof(strings));
    elf->strings[sizeof(strings)] = 'x'; /* in the file, but not in the section */
    elf->symbols[1] = (Elf64_Sym){.st_name = 1,
                                  .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                                  .st_shndx = 1,
                                  .st_value = 0x140001010,
                                  .st_size = 0x20};
    elf->symbols[2] = elf->symbols[1]; /* data: passed over */
    elf->symbols[2].st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
    elf->symbols[3] = elf->symbols[1]; /* undefined: passed over */
    elf->symbols[3].st_shndx = SHN_UNDEF;
    elf->symbols[4] = elf->symbols[1]; /* without a name: passed over */
    elf->symbols[4].st_name = 0;
    elf->symbols[5] = elf->symbols[1]; /* name outside the strings: passed over */
    elf->symbols[5].st_name = sizeof(strings);
    elf->symbols[6] = elf->symbols[1];
    elf->symbols[6].st_name = 14;
    elf->symbols[6].st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC);
    elf->symbols[6].st_value = 0x140001100;
    elf->symbols[6].st_size = 0;
}

void fake_elf_init(struct fake_elf *elf)
{
    _Static_assert(sizeof(struct fake_elf) == FAKE_ELF_SIZE, "the segments' bytes are in the file");
    memset(elf, 0, sizeof(*elf));
    build_header(elf);
    build_segments(elf);
    build_symbols(elf);
    elf->note.header =
        (Elf64_Nhdr){.n_namesz = 4, .n_descsz = sizeof(elf->note.id), .n_type = NT_GNU_BUILD_ID};
    memcpy(elf->note.name, ELF_NOTE_GNU, 4);
    for (size_t i = 0; i < sizeof(elf->note.id); i++)
        elf->note.id[i] = (uint8_t)(i + 1);
    for (size_t i = 0; i < sizeof(elf->rest); i++)
        elf->rest[i] = (uint8_t)(i * 7);
}

// SPDX-License-Identifier: BSL-1.0
#if defined(__aarch64__)

        .text

// machine* goro_switch(void** save, void* to, machine* m, void* argument, after_switch_action action)
//
// Leaves by way of the action: see context_x86_64.S.
        .globl  goro_switch
        .hidden goro_switch
        .type   goro_switch, %function
        .p2align 4
goro_switch:
        .cfi_startproc
        hint    #34                     // bti c
        sub     sp, sp, #160
        .cfi_def_cfa_offset 160
        stp     x19, x20, [sp, #0]
        stp     x21, x22, [sp, #16]
        stp     x23, x24, [sp, #32]
        stp     x25, x26, [sp, #48]
        stp     x27, x28, [sp, #64]
        stp     x29, x30, [sp, #80]
        stp     d8, d9, [sp, #96]
        stp     d10, d11, [sp, #112]
        stp     d12, d13, [sp, #128]
        stp     d14, d15, [sp, #144]
        .cfi_offset x19, -160
        .cfi_offset x20, -152
        .cfi_offset x21, -144
        .cfi_offset x22, -136
        .cfi_offset x23, -128
        .cfi_offset x24, -120
        .cfi_offset x25, -112
        .cfi_offset x26, -104
        .cfi_offset x27, -96
        .cfi_offset x28, -88
        .cfi_offset x29, -80
        .cfi_offset x30, -72
        mov     x9, sp
        str     x9, [x0]
        mov     sp, x1
        mov     x0, x2
        mov     x1, x3
        mov     x16, x4                 // a branch from x16 is one that bti c lets in
        ldp     x19, x20, [sp, #0]
        ldp     x21, x22, [sp, #16]
        ldp     x23, x24, [sp, #32]
        ldp     x25, x26, [sp, #48]
        ldp     x27, x28, [sp, #64]
        ldp     x29, x30, [sp, #80]
        ldp     d8, d9, [sp, #96]
        ldp     d10, d11, [sp, #112]
        ldp     d12, d13, [sp, #128]
        ldp     d14, d15, [sp, #144]
        add     sp, sp, #160
        .cfi_def_cfa_offset 0
        .cfi_restore x19
        .cfi_restore x20
        .cfi_restore x21
        .cfi_restore x22
        .cfi_restore x23
        .cfi_restore x24
        .cfi_restore x25
        .cfi_restore x26
        .cfi_restore x27
        .cfi_restore x28
        .cfi_restore x29
        .cfi_restore x30
        br      x16
        .cfi_endproc
        .size   goro_switch, . - goro_switch

// result goro_wait(machine* m, after_switch_action action, void* argument, result (*then)(machine*), switch_function by)
//
// Its return is always one: a jump to where a call came from would need a landing pad there.
        .globl  goro_wait
        .hidden goro_wait
        .type   goro_wait, %function
        .p2align 4
goro_wait:
        .cfi_startproc
        hint    #34                     // bti c
        stp     x29, x30, [sp, #-32]!
        .cfi_def_cfa_offset 32
        .cfi_offset x29, -32
        .cfi_offset x30, -24
        mov     x29, sp
        str     x3, [sp, #16]
        blr     x4
        ldr     x16, [sp, #16]
        ldp     x29, x30, [sp], #32
        .cfi_def_cfa_offset 0
        .cfi_restore x29
        .cfi_restore x30
        br      x16
        .cfi_endproc
        .size   goro_wait, . - goro_wait

// void goro_call_below(void* sp, void (*f)(void*), void* argument)
        .globl  goro_call_below
        .hidden goro_call_below
        .type   goro_call_below, %function
        .p2align 4
goro_call_below:
        .cfi_startproc
        hint    #34
        stp     x19, x30, [sp, #-16]!
        .cfi_def_cfa_offset 16
        .cfi_offset x19, -16
        .cfi_offset x30, -8
        mov     x19, x0
        .cfi_remember_state
        .cfi_def_cfa x19, 160
        .cfi_offset x19, -160
        .cfi_offset x20, -152
        .cfi_offset x21, -144
        .cfi_offset x22, -136
        .cfi_offset x23, -128
        .cfi_offset x24, -120
        .cfi_offset x25, -112
        .cfi_offset x26, -104
        .cfi_offset x27, -96
        .cfi_offset x28, -88
        .cfi_offset x29, -80
        .cfi_offset x30, -72
        mov     x0, x2
        blr     x1
        nop
        .cfi_restore_state
        ldp     x19, x30, [sp], #16
        .cfi_restore x19
        .cfi_restore x30
        .cfi_def_cfa_offset 0
        ret
        .cfi_endproc
        .size   goro_call_below, . - goro_call_below

        .globl  goro_entry
        .hidden goro_entry
        .globl  goro_entry_landing
        .hidden goro_entry_landing
        .type   goro_entry, %function
        .p2align 4
        .cfi_startproc
        .cfi_undefined x30
        .cfi_personality 0x1b, goro_entry_personality
        nop                             // see context_x86_64.S
goro_entry:
        mov     x29, #0
        mov     x30, #0
        bl      goro_entry_main
        brk     #1
goro_entry_landing:
        hint    #36
        bl      goro_entry_exception
        brk     #1
        .cfi_endproc
        .size   goro_entry, . - goro_entry

        .section .note.GNU-stack, "", %progbits
#endif

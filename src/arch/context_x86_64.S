// SPDX-License-Identifier: BSL-1.0
#if defined(__x86_64__)

        .text

// machine* goro_switch(void** save, void* to, machine* m, void* argument, after_switch_action action)
//
// Leaves by way of the action, whose ret is the one that belongs to the call that came here: the return predictor stays in
// step (docs/decisions/0003).
        .globl  goro_switch
        .hidden goro_switch
        .type   goro_switch, @function
        .p2align 4
goro_switch:
        .cfi_startproc
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        pushq   %rbx
        .cfi_def_cfa_offset 24
        .cfi_offset %rbx, -24
        pushq   %r12
        .cfi_def_cfa_offset 32
        .cfi_offset %r12, -32
        pushq   %r13
        .cfi_def_cfa_offset 40
        .cfi_offset %r13, -40
        pushq   %r14
        .cfi_def_cfa_offset 48
        .cfi_offset %r14, -48
        pushq   %r15
        .cfi_def_cfa_offset 56
        .cfi_offset %r15, -56
        movq    %rsp, (%rdi)
        movq    %rsi, %rsp
        movq    %rdx, %rdi
        movq    %rcx, %rsi
        popq    %r15
        .cfi_def_cfa_offset 48
        popq    %r14
        .cfi_def_cfa_offset 40
        popq    %r13
        .cfi_def_cfa_offset 32
        popq    %r12
        .cfi_def_cfa_offset 24
        popq    %rbx
        .cfi_def_cfa_offset 16
        popq    %rbp
        .cfi_def_cfa_offset 8
        jmp     *%r8
        .cfi_endproc
        .size   goro_switch, . - goro_switch

// result goro_wait(machine* m, after_switch_action action, void* argument, result (*then)(machine*), switch_function by)
//
// The place that every goroutine waits at, and its return (docs/decisions/0010).
        .set    machine_returns_to, 24
        .globl  goro_wait
        .hidden goro_wait
        .type   goro_wait, @function
        .p2align 4
goro_wait:
        .cfi_startproc
        movq    (%rsp), %rax
        movq    %rax, machine_returns_to(%rdi)
        pushq   %rcx
        .cfi_def_cfa_offset 16
        call    *%r8
        popq    %rcx
        .cfi_def_cfa_offset 8
        movq    %rax, %rdi              // the machine it is on now
        movq    (%rsp), %rdx
        cmpq    %rdx, machine_returns_to(%rdi)
        jne     1f
        jmp     *%rcx
1:      subq    $8, %rsp
        .cfi_def_cfa_offset 16
        call    *%rcx
        addq    $8, %rsp
        .cfi_def_cfa_offset 8
        popq    %rdx
        .cfi_def_cfa_offset 0
        .cfi_register %rip, %rdx
        notrack jmp *%rdx
        .cfi_endproc
        .size   goro_wait, . - goro_wait

// void goro_call_below(void* sp, void (*f)(void*), void* argument)
        .globl  goro_call_below
        .hidden goro_call_below
        .type   goro_call_below, @function
        .p2align 4
goro_call_below:
        .cfi_startproc
        pushq   %r12
        .cfi_def_cfa_offset 16
        .cfi_offset %r12, -16
        movq    %rdi, %r12
        .cfi_remember_state
        .cfi_def_cfa %r12, 56
        .cfi_offset %rbp, -16
        .cfi_offset %rbx, -24
        .cfi_offset %r12, -32
        .cfi_offset %r13, -40
        .cfi_offset %r14, -48
        .cfi_offset %r15, -56
        movq    %rdx, %rdi
        call    *%rsi
        nop
        .cfi_restore_state
        popq    %r12
        .cfi_def_cfa_offset 8
        ret
        .cfi_endproc
        .size   goro_call_below, . - goro_call_below

// A new stack returns to goro_entry from the action of the switch that starts it. An unwinder takes the byte before a
// return address for the call.
        .globl  goro_entry
        .hidden goro_entry
        .globl  goro_entry_landing
        .hidden goro_entry_landing
        .type   goro_entry, @function
        .p2align 4
        .cfi_startproc
        .cfi_undefined %rip
        .cfi_personality 0x1b, goro_entry_personality
        nop
goro_entry:
        xorl    %ebp, %ebp
        movq    %rax, %rdi
        call    goro_entry_main
        ud2
goro_entry_landing:
        movq    %rax, %rdi
        call    goro_entry_exception
        ud2
        .cfi_endproc
        .size   goro_entry, . - goro_entry

        .section .note.GNU-stack, "", @progbits
#endif

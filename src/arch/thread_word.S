// SPDX-License-Identifier: BSL-1.0

        .section .tbss, "awT", %nobits
        .globl  goro_thread_word
        .hidden goro_thread_word
        .type   goro_thread_word, %tls_object
        .size   goro_thread_word, 8
        .p2align 3
goro_thread_word:
        .zero   8

        .section .note.GNU-stack, "", %progbits

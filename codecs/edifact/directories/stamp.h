/* SPDX-License-Identifier: Apache-2.0
 *
 * stamp.h - made by make_directory.py: which directories the text files beside it hold. Including it makes the compiler
 * take the files again when they change. Constant.
 */
#ifndef DGM_EDI_STAMP_H
#define DGM_EDI_STAMP_H

#define DGM_EDI_STAMP "b5d90d1fa0fcb53d"

#define DGM_EDI_DIRECTORIES_TEXT "D.93A to D.24A"

/* clang-format off */
#define DGM_EDI_DIRECTORIES(X) \
    X(D93A) X(D94A) X(D94B) X(D95A) X(D95B) X(D96A) X(D96B) X(D97A) X(D97B) X(D98A) X(D98B) X(D99A) X(D99B) X(D00A) X(D00B) \
    X(D01A) X(D01B) X(D01C) X(D02A) X(D02B) X(D03A) X(D03B) X(D04A) X(D04B) X(D05A) X(D05B) X(D06A) X(D06B) X(D07A) X(D07B) \
    X(D08A) X(D08B) X(D09A) X(D09B) X(D10A) X(D10B) X(D11A) X(D11B) X(D12A) X(D12B) X(D13A) X(D13B) X(D14A) X(D14B) X(D15A) \
    X(D15B) X(D16A) X(D16B) X(D17A) X(D17B) X(D18A) X(D18B) X(D19A) X(D19B) X(D20A) X(D20B) X(D21A) X(D21B) X(D22A) X(D22B) \
    X(D23A) X(D24A)
/* clang-format on */

#endif

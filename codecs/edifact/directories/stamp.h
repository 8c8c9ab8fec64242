/* SPDX-License-Identifier: Apache-2.0
 *
 * stamp.h - made by make_directory.py: which directories the text files beside it hold. Including it makes the compiler
 * take the files again when they change. Constant.
 */
#ifndef DGM_EDI_STAMP_H
#define DGM_EDI_STAMP_H

#define DGM_EDI_STAMP          "858fee07fb4c9a86"
#define DGM_EDI_DIRECTORIES(X) X(D96B)

#endif

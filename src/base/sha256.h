/* SHA-256 by OpenSSL's EVP, streaming; a copy of the state can be finished while it goes on. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include "src/base/err.h"
#include "src/base/le.h"

enum { SHA256_SIZE = 32, SHA256_HEX = 65 };

struct sha256;

int sha256_new(struct sha256 **ret, struct err *err);
void sha256_free(struct sha256 *s);
int sha256_update(struct sha256 *s, struct slice bytes, struct err *err);
/* Digest of all bytes so far; more may follow. */
int sha256_digest(const struct sha256 *s, uint8_t ret[static SHA256_SIZE], struct err *err);
/* Lower-case hex with a final NUL. */
void sha256_hex(const uint8_t digest[static SHA256_SIZE], char ret[static SHA256_HEX]);

/* First 8 bytes of SHA-1, big-endian: etcd's member and cluster IDs (etcd membership/member.go). */
int sha1_id(struct slice bytes, uint64_t *ret, struct err *err);

#endif

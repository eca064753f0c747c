#include "src/base/sha256.h"

#include <stdlib.h>

#include <openssl/evp.h>

struct sha256 {
    EVP_MD_CTX *ctx;
};

void sha256_free(struct sha256 *s)
{
    if (s == NULL)
        return;
    EVP_MD_CTX_free(s->ctx);
    free(s);
}

int sha256_new(struct sha256 **ret, struct err *err)
{
    struct sha256 *s = calloc(1, sizeof *s);

    if (s == NULL)
        return err_nomem(err);
    s->ctx = EVP_MD_CTX_new();
    if (s->ctx == NULL || EVP_DigestInit_ex(s->ctx, EVP_sha256(), NULL) != 1) {
        sha256_free(s);
        return err_set(err, ERR_NOMEM, "SHA-256 is not available from OpenSSL");
    }
    *ret = s;
    return ERR_OK;
}

int sha256_update(struct sha256 *s, struct slice bytes, struct err *err)
{
    if (EVP_DigestUpdate(s->ctx, bytes.data, bytes.len) != 1)
        return err_set(err, ERR_NOMEM, "SHA-256 failed in OpenSSL");
    return ERR_OK;
}

int sha256_digest(const struct sha256 *s, uint8_t ret[static SHA256_SIZE], struct err *err)
{
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    bool ok = copy != NULL && EVP_MD_CTX_copy_ex(copy, s->ctx) == 1 &&
              EVP_DigestFinal_ex(copy, ret, NULL) == 1;

    EVP_MD_CTX_free(copy);
    return ok ? ERR_OK : err_set(err, ERR_NOMEM, "SHA-256 failed in OpenSSL");
}

void sha256_hex(const uint8_t digest[static SHA256_SIZE], char ret[static SHA256_HEX])
{
    static const char hex[] = "0123456789abcdef";

    for (size_t i = 0; i < SHA256_SIZE; i++) {
        ret[2 * i] = hex[digest[i] >> 4];
        ret[2 * i + 1] = hex[digest[i] & 15];
    }
    ret[SHA256_HEX - 1] = '\0';
}

int sha1_id(struct slice bytes, uint64_t *ret, struct err *err)
{
    uint8_t digest[EVP_MAX_MD_SIZE];

    if (EVP_Digest(bytes.data, bytes.len, digest, NULL, EVP_sha1(), NULL) != 1)
        return err_set(err, ERR_NOMEM, "SHA-1 is not available from OpenSSL");
    *ret = be64_load(digest);
    return ERR_OK;
}

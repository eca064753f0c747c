/* Shared by the files of boltdb/ that read. */
#ifndef BOLTDB_DB_INTERNAL_H
#define BOLTDB_DB_INTERNAL_H

#include "boltdb/db.h"
#include "boltdb/page.h"

struct bolt_db {
    struct bolt_source src;
    uint32_t page_size;
    int active;
    bool is_valid[2];
    struct bolt_meta meta[2];
};

/* The meta in use. */
static inline const struct bolt_meta *bolt_db_current(const struct bolt_db *db)
{
    return &db->meta[db->active];
}

#endif

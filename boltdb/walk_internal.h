/* State of one walk, shared by the files walk*.c. */
#ifndef BOLTDB_WALK_INTERNAL_H
#define BOLTDB_WALK_INTERNAL_H

#include "boltdb/page_reader.h"
#include "boltdb/page_set.h"
#include "boltdb/walk.h"

enum {
    WALK_FRAMES_MAX = (BOLT_NESTING_MAX + 1) * BOLT_DEPTH_MAX + 1, /* the last one inline */
    WALK_BRANCH_BYTES_MAX = 8 << 20, /* branch pages kept in memory; more are read again */
    WALK_REPORTS_MAX = 16,           /* findings listed for one page, then a summary */
    WALK_PRINT_MAX = 160,            /* bytes of a printed key or bucket path */
};

/* A key by its place: element `element` of frame `frame`; frame -1 is "no bound". */
struct bound {
    int frame;
    unsigned element;
};
#define BOUND_OPEN ((struct bound){.frame = -1})

/* A bound's key that had to be read: it is asked for again with every element of a broken page. */
struct bound_key {
    struct buf buf;
    uint64_t place; /* byte offset of the element whose key this is, 0: none */
};

/* One page on the way from the root bucket's root to where the walk is. */
struct frame {
    struct bolt_page page;
    struct bound low; /* keys of this page are >= low and < high */
    struct bound high;
    unsigned next;       /* element to visit next */
    unsigned depth;      /* pages from the bucket's root, which is 1 */
    unsigned generation; /* of the reader, for a leaf */
    unsigned reported;
    unsigned suppressed;
    enum finding_severity worst; /* of the suppressed */
    bool is_sound;
    bool is_bucket_root;
    bool is_inline;
    uint8_t *own; /* a branch page's bytes; NULL when they were given up */
};

struct bucket_level {
    struct buf name;
    struct bolt_bucket bucket;
};

struct walk {
    struct bolt_db *db;
    const struct bolt_visitor *visitor;
    const struct bolt_walk_options *options;
    struct finding_sink *sink;
    struct bolt_stats stats;
    uint64_t limit; /* pages that can be read */
    struct page_reader reader;
    struct page_set reached;
    struct frame *frames; /* WALK_FRAMES_MAX */
    int frame_count;
    size_t branch_bytes;
    struct bucket_level levels[BOLT_NESTING_MAX + 1]; /* [0] is the root bucket */
    unsigned nesting;
    bool has_last;
    struct buf last; /* key seen last in this bucket */
    struct buf key;
    struct buf value;
    struct bound_key low;
    struct bound_key high;
    struct bound_key print;
    struct ahead *ahead; /* NULL when the source takes no announcements */
};

static inline struct frame *walk_top(struct walk *w)
{
    return &w->frames[w->frame_count - 1];
}

/* walk_report.c */

/* Where a finding belongs. */
struct place {
    struct frame *owner; /* whose limit of reports it counts against, NULL: none */
    uint64_t page;
    uint64_t offset; /* byte offset in the file */
    struct bound low;
    struct bound high;
};

void walk_report(struct walk *w, const struct place *place, enum bolt_problem problem,
                 const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* A fault in `frame`'s own page. */
void walk_report_fault(struct walk *w, struct frame *frame, const struct bolt_fault *fault);
/* Name what was not listed. */
void walk_report_rest(struct walk *w, struct frame *frame);

/* walk_page.c: all return ERR_OK, or what ended the walk. */

/* A page that is about to be put on the stack. */
struct arrival {
    uint64_t pgid;
    struct place from; /* what points to it; its low and high bound the page */
    unsigned depth;
    bool is_bucket_root;
};

/* Check a page at the door and put it on the stack; one that is refused is reported and
 * *ret_pushed is false. */
int walk_push(struct walk *w, const struct arrival *a, bool *ret_pushed, struct err *err);
/* Put the inline page of a bucket on the stack; its header was checked. */
int walk_push_inline(struct walk *w, const struct bolt_page *page, struct err *err);
void walk_pop(struct walk *w);
/* Make the bytes of the page on top available again, if they were given up. */
int walk_refresh(struct walk *w, struct err *err);
/* The key a bound names; *ret is NULL when it is open, else `key`. */
int walk_bound(struct walk *w, struct bound b, struct bound_key *scratch, struct slice *key,
               const struct slice **ret, struct err *err);

/* walk_judge.c: what is wrong with a page that is not sound, in detail. */

/* Report what is wrong with the page as a whole, and with a branch's elements; a branch page turns
 * out sound when it was only not loaded whole. */
int walk_judge_page(struct walk *w, struct frame *f, struct err *err);
/* Report what is wrong with leaf element `i`; *ret_ok when it may be delivered. */
int walk_judge_element(struct walk *w, struct frame *f, unsigned i, bool *ret_ok, struct err *err);

/* walk_leaf.c */

/* Remember the key seen last in this bucket. */
int walk_set_last(struct walk *w, struct slice key, struct err *err);
/* Deliver elements of the leaf on top until it is done or a page was pushed. */
int walk_leaf(struct walk *w, struct err *err);
/* Leave the bucket whose root was just popped. */
int walk_leave_bucket(struct walk *w, struct err *err);

/* walk_ahead.c */

/* Announce the pages that the branch named by element `i` of branch `f` points to. */
void walk_announce(struct walk *w, const struct frame *f, unsigned i);
/* NULL when nothing is to be announced; freed with free(). */
struct ahead *walk_ahead_new(const struct bolt_db *db);

/* walk_freelist.c */

/* Check the stored freelist, if there is one, against the pages reached. *ret_pages gets the number
 * of pages it takes. */
int walk_freelist(struct walk *w, uint64_t *ret_pages, struct err *err);

#endif

// mkbbolt makes small bbolt files with the real library, and lists a file's content as the library
// sees it, so that the reader in boltdb/ is compared with something other than itself.
//
//	mkbbolt make DIR    write the files of fixtures/bbolt
//	mkbbolt large DIR   write files too large to keep
//	mkbbolt dump FILE   buckets, sequences, keys, sizes and FNV-1a of values, in order
package main

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"log"
	"math/rand"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// recipe is one file: its options and what is done to it.
type recipe struct {
	name     string
	pageSize int
	freelist bool
	fill     func(db *bolt.DB)
}

func update(db *bolt.DB, fn func(tx *bolt.Tx)) {
	must(db.Update(func(tx *bolt.Tx) error {
		fn(tx)
		return nil
	}))
}

func bucket(tx *bolt.Tx, name string) *bolt.Bucket {
	b, err := tx.CreateBucketIfNotExists([]byte(name))
	must(err)
	return b
}

func value(r *rand.Rand, n int) []byte {
	return []byte(fmt.Sprintf("%0*d", n, r.Intn(1000)))
}

// tiny is the file that docs/format/bbolt.md shows.
func tiny(db *bolt.DB) {
	update(db, func(tx *bolt.Tx) {
		must(bucket(tx, "b").Put([]byte("key"), []byte("value")))
	})
}

// nested has inline and real buckets in buckets, sequences, and an empty bucket.
func nested(db *bolt.DB) {
	r := rand.New(rand.NewSource(1))
	update(db, func(tx *bolt.Tx) {
		bucket(tx, "empty")
		must(bucket(tx, "inline").Put([]byte("k"), nil))
		must(bucket(tx, "inline").SetSequence(7))
		outer := bucket(tx, "outer")
		must(outer.SetSequence(42))
		must(outer.Put([]byte("after"), []byte("x")))
		for i := 0; i < 4; i++ {
			inner, err := outer.CreateBucket([]byte(fmt.Sprintf("inner%d", i)))
			must(err)
			for k := 0; k < i*10; k++ {
				must(inner.Put([]byte(fmt.Sprintf("key%03d", k)), value(r, 60)))
			}
			deepest, err := inner.CreateBucket([]byte("zz"))
			must(err)
			must(deepest.Put([]byte("deep"), value(r, 8)))
		}
		must(outer.Put([]byte("zzz"), []byte("y")))
	})
}

// history has several levels, overflow pages, deletes and so free pages.
func history(keys, size int) func(db *bolt.DB) {
	return func(db *bolt.DB) {
		r := rand.New(rand.NewSource(2))
		for round := 0; round < 4; round++ {
			update(db, func(tx *bolt.Tx) {
				b := bucket(tx, "key")
				for i := 0; i < keys; i++ {
					n := r.Intn(size)
					if i%37 == 0 {
						n = size * 40
					}
					must(b.Put([]byte(fmt.Sprintf("%05d", r.Intn(keys*4))), value(r, n)))
				}
			})
			update(db, func(tx *bolt.Tx) {
				b := bucket(tx, "key")
				for i := 0; i < keys/2; i++ {
					must(b.Delete([]byte(fmt.Sprintf("%05d", r.Intn(keys*4)))))
				}
			})
		}
	}
}

func big(db *bolt.DB) {
	r := rand.New(rand.NewSource(3))
	for i := 0; i < 6; i++ {
		update(db, func(tx *bolt.Tx) {
			b := bucket(tx, "key")
			must(b.Put([]byte(fmt.Sprintf("big%d", i)), value(r, 3<<20)))
			must(b.Put([]byte(fmt.Sprintf("mid%d", i)), value(r, 300<<10)))
			for k := 0; k < 40; k++ {
				long := fmt.Sprintf("%032765d", i*1000+k)
				must(bucket(tx, "long").Put([]byte(long), value(r, 9)))
			}
		})
	}
}

// freed leaves more than 65534 free pages, so that the freelist's count needs its long form.
func freed(db *bolt.DB) {
	r := rand.New(rand.NewSource(4))
	for i := 0; i < 12; i++ {
		update(db, func(tx *bolt.Tx) {
			for k := 0; k < 10000; k++ {
				must(bucket(tx, "key").Put([]byte(fmt.Sprintf("%02d%06d", i, k)), value(r, 700)))
			}
		})
	}
	update(db, func(tx *bolt.Tx) { must(tx.DeleteBucket([]byte("key"))) })
	tiny(db)
}

func make1(dir string, it recipe) {
	path := filepath.Join(dir, it.name+".db")
	_ = os.Remove(path)
	db, err := bolt.Open(path, 0o600, &bolt.Options{
		PageSize: it.pageSize, NoFreelistSync: !it.freelist, NoSync: true, NoGrowSync: true})
	must(err)
	it.fill(db)
	must(db.Close())
}

func small() []recipe {
	return []recipe{
		{"tiny-1k", 1024, false, tiny},
		{"nested-4k", 4096, false, nested},
		{"nested-1k-freelist", 1024, true, nested},
		{"history-1k", 1024, false, history(60, 40)},
		{"history-4k-freelist", 4096, true, history(60, 60)},
	}
}

func large() []recipe {
	list := []recipe{{"big-4k", 4096, false, big}, {"big-64k", 65536, true, big},
		{"freed-1k", 1024, true, freed}, {"nested-64k", 65536, false, nested}}
	for size := 1024; size <= 65536; size *= 2 {
		list = append(list, recipe{fmt.Sprintf("history-%d", size), size, size%4096 == 0, history(2000, 300)})
	}
	return list
}

func dumpBucket(out *bufio.Writer, b *bolt.Bucket) {
	must(b.ForEach(func(k, v []byte) error {
		if v == nil {
			inner := b.Bucket(k)
			fmt.Fprintf(out, "> %x %d\n", k, inner.Sequence())
			dumpBucket(out, inner)
			fmt.Fprintln(out, "<")
			return nil
		}
		h := fnv.New64a()
		_, _ = h.Write(v)
		fmt.Fprintf(out, "%x %d %016x\n", k, len(v), h.Sum64())
		return nil
	}))
}

func dump(path string) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	must(err)
	out := bufio.NewWriter(os.Stdout)
	must(db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			fmt.Fprintf(out, "> %x %d\n", name, b.Sequence())
			dumpBucket(out, b)
			fmt.Fprintln(out, "<")
			return nil
		})
	}))
	must(out.Flush())
	must(db.Close())
}

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: mkbbolt make DIR | large DIR | dump FILE")
	}
	switch os.Args[1] {
	case "dump":
		dump(os.Args[2])
	case "large":
		for _, it := range large() {
			make1(os.Args[2], it)
		}
	default:
		for _, it := range small() {
			make1(os.Args[2], it)
		}
	}
}

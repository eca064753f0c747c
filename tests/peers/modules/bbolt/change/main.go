// Command change compares a bbolt file with the log of what was put into it, in order and through
// bbolt itself, then changes the file in a dozen transactions of random puts and deletes and runs
// bbolt's own check after each. usage: boltchange DB LOG (format of the log: bolt_random.c)
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"os"

	bolt "go.etcd.io/bbolt"
)

type operation struct {
	kind     byte
	key      []byte
	value    []byte
	sequence uint64
}

func read(log *bufio.Reader) (operation, error) {
	var head [17]byte
	if _, err := io.ReadFull(log, head[:]); err != nil {
		return operation{}, err
	}
	op := operation{
		kind:     head[0],
		key:      make([]byte, binary.LittleEndian.Uint32(head[1:])),
		value:    make([]byte, binary.LittleEndian.Uint32(head[5:])),
		sequence: binary.LittleEndian.Uint64(head[9:]),
	}
	if _, err := io.ReadFull(log, op.key); err != nil {
		return op, errors.New("the log is cut off")
	}
	if _, err := io.ReadFull(log, op.value); err != nil {
		return op, errors.New("the log is cut off")
	}
	return op, nil
}

// level is one open bucket, nil for the root, and the place in it.
type level struct {
	bucket *bolt.Bucket
	cursor *bolt.Cursor
	began  bool
}

func (l *level) next() (key, value []byte) {
	if l.began {
		return l.cursor.Next()
	}
	l.began = true
	return l.cursor.First()
}

func open(tx *bolt.Tx, parent *bolt.Bucket, op operation) (*level, error) {
	bucket := tx.Bucket(op.key)
	if parent != nil {
		bucket = parent.Bucket(op.key)
	}
	if bucket == nil || bucket.Sequence() != op.sequence {
		return nil, fmt.Errorf("bucket %x: missing, or another sequence", op.key)
	}
	return &level{bucket: bucket, cursor: bucket.Cursor()}, nil
}

func compare(tx *bolt.Tx, log *bufio.Reader) (keys int, err error) {
	stack := []*level{{cursor: tx.Cursor()}}
	for {
		op, err := read(log)
		top := stack[len(stack)-1]
		if err == io.EOF || op.kind == 'l' {
			if key, _ := top.next(); key != nil {
				return keys, fmt.Errorf("key %x is not in the log", key)
			}
			if err == io.EOF {
				return keys, nil
			}
			stack = stack[:len(stack)-1]
			continue
		}
		if err != nil {
			return keys, err
		}
		key, value := top.next()
		if !bytes.Equal(key, op.key) || (value == nil) != (op.kind == 'e') || !bytes.Equal(value, op.value) {
			return keys, fmt.Errorf("have key %.40x, want %.40x; or the values differ", key, op.key)
		}
		if op.kind == 'p' {
			keys++
			continue
		}
		inner, err := open(tx, top.bucket, op)
		if err != nil {
			return keys, err
		}
		stack = append(stack, inner)
	}
}

func check(db *bolt.DB) error {
	return db.View(func(tx *bolt.Tx) (first error) {
		for err := range tx.Check() {
			if first == nil {
				first = fmt.Errorf("check: %w", err)
			}
		}
		return first
	})
}

func allBuckets(tx *bolt.Tx) (all []*bolt.Bucket, err error) {
	err = tx.ForEach(func(_ []byte, b *bolt.Bucket) error { all = append(all, b); return nil })
	for i := 0; i < len(all) && err == nil; i++ {
		outer := all[i]
		err = outer.ForEachBucket(func(k []byte) error { all = append(all, outer.Bucket(k)); return nil })
	}
	return all, err
}

// deleteRun deletes up to n keys in a row, so that pages become empty and are merged.
func deleteRun(b *bolt.Bucket, seek []byte, n int) (changes int, err error) {
	cursor := b.Cursor()
	key, value := cursor.Seek(seek)
	for ; n > 0 && key != nil; n-- {
		if value != nil {
			key = bytes.Clone(key)
			if err := b.Delete(key); err != nil {
				return changes, err
			}
			changes++
			key, value = cursor.Seek(key)
		} else {
			key, value = cursor.Next()
		}
	}
	return changes, nil
}

func random(rng *rand.Rand, size int) []byte {
	out := make([]byte, size)
	rng.Read(out)
	return out
}

func change(tx *bolt.Tx, rng *rand.Rand) (changes int, err error) {
	all, err := allBuckets(tx)
	for i := 0; i < 400 && len(all) > 0 && err == nil; i++ {
		b := all[rng.Intn(len(all))]
		if rng.Intn(3) > 0 {
			seek := append([]byte{0, byte(rng.Intn(1 << rng.Intn(7)))}, random(rng, 2)...)
			n := 0
			n, err = deleteRun(b, seek, 1+rng.Intn(40))
			changes += n
			continue
		}
		key := append([]byte{0, byte(rng.Intn(1 << rng.Intn(7)))}, random(rng, 1+rng.Intn(60))...)
		if b.Bucket(key) == nil {
			err = b.Put(key, random(rng, rng.Intn(3000)))
			changes++
		}
	}
	return changes, err
}

func run(path, logPath string) error {
	log, err := os.Open(logPath)
	if err != nil {
		return err
	}
	defer log.Close()
	// As etcd opens it: no freelist on disk.
	db, err := bolt.Open(path, 0o600, &bolt.Options{NoFreelistSync: true, NoSync: true})
	if err != nil {
		return err
	}
	defer db.Close()
	if err := check(db); err != nil {
		return err
	}
	keys, changes := 0, 0
	err = db.View(func(tx *bolt.Tx) (err error) {
		keys, err = compare(tx, bufio.NewReader(log))
		return err
	})
	rng := rand.New(rand.NewSource(1))
	for batch := 0; batch < 12 && err == nil; batch++ {
		err = db.Update(func(tx *bolt.Tx) error {
			n, err := change(tx, rng)
			changes += n
			return err
		})
		if err == nil {
			err = check(db)
		}
	}
	fmt.Printf("%d keys, then %d changes\n", keys, changes)
	return err
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: boltchange DB LOG")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "boltchange:", err)
		os.Exit(1)
	}
}

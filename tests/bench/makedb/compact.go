package main

import (
	"bytes"
	"encoding/binary"

	bolt "go.etcd.io/bbolt"
)

const deletesPerCommit = 20000

// compact removes what an etcd compaction at the last revision removes: all rows but the newest one
// of each key that still exists.
func (g *generator) compact(db *bolt.DB) error {
	newest, err := g.newestRows(db)
	if err != nil {
		return err
	}
	at := make([]byte, 17) // rows up to here are done
	for more := true; more; {
		err := db.Update(func(tx *bolt.Tx) (err error) {
			more, err = compactSome(tx.Bucket([]byte("key")), &at, newest)
			return err
		})
		if err != nil {
			return err
		}
	}
	return db.Update(func(tx *bolt.Tx) error {
		meta := tx.Bucket([]byte("meta"))
		for _, key := range []string{"scheduledCompactRev", "finishedCompactRev"} {
			if err := meta.Put([]byte(key), revision(g.main, 0)); err != nil {
				return err
			}
		}
		return nil
	})
}

// newestRows gives the revision key of the last row of every key.
func (g *generator) newestRows(db *bolt.DB) (map[string][17]byte, error) {
	newest := map[string][17]byte{}
	err := db.View(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("key")).ForEach(func(k, v []byte) error {
			name := string(keyOf(v))
			if len(k) == 18 {
				delete(newest, name)
			} else {
				newest[name] = [17]byte(k)
			}
			return nil
		})
	})
	return newest, err
}

func compactSome(bucket *bolt.Bucket, at *[]byte, newest map[string][17]byte) (bool, error) {
	var doomed [][]byte
	cursor := bucket.Cursor()
	k, v := cursor.Seek(*at)
	for ; k != nil && len(doomed) < deletesPerCommit; k, v = cursor.Next() {
		keep, ok := newest[string(keyOf(v))]
		if !ok || !bytes.Equal(keep[:], k) {
			doomed = append(doomed, bytes.Clone(k))
		}
		*at = append(bytes.Clone(k), 0)
	}
	for _, key := range doomed {
		if err := bucket.Delete(key); err != nil {
			return false, err
		}
	}
	return k != nil, nil
}

// keyOf gives field 1 of a KeyValue that this program wrote: it comes first.
func keyOf(value []byte) []byte {
	size, n := binary.Uvarint(value[1:])
	return value[1+n : 1+n+int(size)]
}

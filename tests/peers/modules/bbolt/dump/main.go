// Command dump prints every key and value of a bbolt file as one JSON object, bytes in hex:
// {"bucket": {"sequence": n, "pairs": [["key", "value"], ...]}}. It reads with bbolt itself, so that
// tests do not compare our reader with our writer.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"
)

type content struct {
	Sequence uint64             `json:"sequence"`
	Pairs    [][2]string        `json:"pairs"`
	Buckets  map[string]content `json:"buckets,omitempty"`
}

func read(b *bolt.Bucket) (content, error) {
	c := content{Sequence: b.Sequence(), Pairs: [][2]string{}}
	err := b.ForEach(func(k, v []byte) error {
		if v != nil {
			c.Pairs = append(c.Pairs, [2]string{hex.EncodeToString(k), hex.EncodeToString(v)})
			return nil
		}
		sub, err := read(b.Bucket(k))
		if err != nil {
			return err
		}
		if c.Buckets == nil {
			c.Buckets = map[string]content{}
		}
		c.Buckets[string(k)] = sub
		return nil
	})
	return c, err
}

func dump(path string) error {
	db, err := bolt.Open(path, 0o600, &bolt.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer db.Close()
	return db.View(func(tx *bolt.Tx) error {
		root, err := read(tx.Cursor().Bucket())
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(root.Buckets)
	})
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: dump FILE")
		os.Exit(2)
	}
	if err := dump(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "dump:", err)
		os.Exit(1)
	}
}

package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"os"

	bolt "go.etcd.io/bbolt"
)

const (
	memberID      = 0x8e9e05c52164694d
	rowBytes      = 3310 // of one row in the file, its share of pages included
	rowsPerCommit = 10000
	hotKeys       = 50
)

var buckets = []string{"alarm", "auth", "authRoles", "authUsers", "cluster", "key", "lease",
	"members", "members_removed", "meta"}

type history struct{ created, version uint64 }

type generator struct {
	random *rand.Rand
	pool   []byte // values are windows of it
	main   uint64 // revision of the transaction being written
	keys   map[string]*history
	hot    map[string]uint64 // last revision of a key that is written again and again
}

func newDB(path string, mb, live int64, seed uint64) error {
	g := &generator{random: rand.New(rand.NewPCG(seed, 7)), pool: make([]byte, 1<<20), main: 1,
		keys: map[string]*history{}, hot: map[string]uint64{}}
	for i := range g.pool {
		g.pool[i] = byte(' ' + g.random.UintN(95))
	}
	work := path + ".tmp"
	defer os.Remove(work)
	options := &bolt.Options{NoFreelistSync: true, FreelistType: bolt.FreelistMapType, NoSync: true}
	db, err := bolt.Open(work, 0o600, options)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Update(writeFixed); err != nil {
		return err
	}
	rows := mb << 20 / rowBytes
	for done := int64(0); done < rows; done += rowsPerCommit {
		count := min(rowsPerCommit, rows-done)
		err := db.Update(func(tx *bolt.Tx) error { return g.writeRows(tx, count, live) })
		if err != nil {
			return err
		}
	}
	if live < 100 {
		if err := g.compact(db); err != nil {
			return err
		}
	}
	return db.View(func(tx *bolt.Tx) error {
		return writeSnapshot(path, func(w io.Writer) error { _, err := tx.WriteTo(w); return err })
	})
}

// writeFixed writes everything but the key bucket: one member, etcd 3.6's meta keys.
func writeFixed(tx *bolt.Tx) error {
	for _, name := range buckets {
		if _, err := tx.CreateBucket([]byte(name)); err != nil {
			return err
		}
	}
	id := fmt.Sprintf("%x", uint64(memberID))
	member := fmt.Sprintf(`{"id":%d,"peerURLs":["http://localhost:2380"],"name":"default",`+
		`"clientURLs":["http://localhost:2379"]}`, uint64(memberID))
	state := fmt.Sprintf(`{"voters":[%d],"auto_leave":false}`, uint64(memberID))
	for _, row := range []struct{ bucket, key, value string }{
		{"members", id, member},
		{"cluster", "clusterVersion", "3.6.0"},
		{"cluster", "downgrade", `{"target-version":"","enabled":false}`},
		{"auth", "authEnabled", "\x00"},
		{"auth", "authRevision", string(be64(1))},
		{"meta", "confState", state},
		{"meta", "consistent_index", string(be64(1000000))},
		{"meta", "term", string(be64(2))},
		{"meta", "storageVersion", "3.6.0"},
	} {
		if err := tx.Bucket([]byte(row.bucket)).Put([]byte(row.key), []byte(row.value)); err != nil {
			return err
		}
	}
	return nil
}

// writeRows writes transactions of one to three puts, and a delete now and then.
func (g *generator) writeRows(tx *bolt.Tx, count, live int64) error {
	bucket := tx.Bucket([]byte("key"))
	bucket.FillPercent = 0.9
	for count > 0 {
		g.main++
		ops := min(count, 1+int64(g.random.UintN(3)))
		count -= ops
		used := map[string]bool{}
		for sub := int64(0); sub < ops; sub++ {
			key := g.pickKey(live, used)
			used[key] = true
			if err := g.writeOne(bucket, key, uint64(sub)); err != nil {
				return err
			}
		}
	}
	return nil
}

// pickKey gives a new key in `live` percent of the cases, else one of a few that are written again;
// a transaction writes no key twice.
func (g *generator) pickKey(live int64, used map[string]bool) string {
	for {
		if int64(g.random.UintN(100)) < live && (live < 100 || g.random.UintN(2) == 0) {
			return fmt.Sprintf("/registry/configmaps/ns-%03d/cm-%012x", g.random.UintN(200), g.random.Uint64()>>16)
		}
		key := fmt.Sprintf("/registry/leases/kube-node-lease/node-%05d", g.random.UintN(g.hotCount(live)))
		if !used[key] {
			return key
		}
	}
}

func (g *generator) hotCount(live int64) uint {
	if live < 100 {
		return hotKeys
	}
	return 20000
}

func (g *generator) writeOne(bucket *bolt.Bucket, key string, sub uint64) error {
	old := g.keys[key]
	if old != nil && g.random.UintN(40) == 0 {
		delete(g.keys, key)
		delete(g.hot, key)
		return bucket.Put(append(revision(g.main, sub), 't'), field(nil, 1, []byte(key)))
	}
	if old == nil {
		old = &history{created: g.main}
		if key[10] == 'l' {
			g.keys[key] = old
		}
	}
	old.version++
	at := g.random.UintN(uint(len(g.pool) - 8192))
	// Kubernetes objects: mostly small, some of many KB
	size := 200 + g.random.UintN(4000)
	if g.random.UintN(200) == 0 {
		size = 4096 + g.random.UintN(4096)
	}
	value := field(nil, 1, []byte(key))
	value = number(value, 2, old.created)
	value = number(value, 3, g.main)
	value = number(value, 4, old.version)
	value = field(value, 5, g.pool[at:at+size])
	return bucket.Put(revision(g.main, sub), value)
}

func revision(main, sub uint64) []byte {
	key := binary.BigEndian.AppendUint64(make([]byte, 0, 18), main)
	return binary.BigEndian.AppendUint64(append(key, '_'), sub)
}

func be64(n uint64) []byte {
	return binary.BigEndian.AppendUint64(nil, n)
}

func field(to []byte, id byte, data []byte) []byte {
	to = binary.AppendUvarint(append(to, id<<3|2), uint64(len(data)))
	return append(to, data...)
}

func number(to []byte, id byte, n uint64) []byte {
	return binary.AppendUvarint(append(to, id<<3), n)
}

package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"os"
)

const (
	pageHeader = 16
	branchFlag = 1
	leafFlag   = 2
	bucketFlag = 1
	noFreelist = ^uint64(0)
)

// pages is a database file whose pages get new places.
type pages struct {
	file  *os.File
	size  uint64            // of a page
	moved map[uint64]uint64 // old page id of a run -> new one
	runs  []extent          // in the new order
}

type extent struct{ id, count uint64 }

// shuffle puts every page of the trees at a random place: what years of copy-on-write do to a file.
func shuffle(from, to string, seed uint64) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	head := make([]byte, 4096)
	if _, err := in.ReadAt(head, 0); err != nil {
		return err
	}
	p := &pages{file: in, size: uint64(le32(head, 24)), moved: map[uint64]uint64{}}
	if le64(head, 48) != noFreelist {
		return errors.New("a stored freelist is not supported")
	}
	if err := p.collect(le64(head, 32)); err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(seed, 11))
	random.Shuffle(len(p.runs), func(i, j int) { p.runs[i], p.runs[j] = p.runs[j], p.runs[i] })
	next := uint64(2)
	for _, r := range p.runs {
		p.moved[r.id] = next
		next += r.count
	}
	return writeSnapshot(to, func(w io.Writer) error { return p.write(w, next) })
}

// collect finds all runs of pages below `root`; `stack` has the pages still to be read.
func (p *pages) collect(root uint64) error {
	for stack := []uint64{root}; len(stack) > 0; {
		id := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		page, err := p.read(id)
		if err != nil {
			return err
		}
		p.runs = append(p.runs, extent{id, uint64(len(page)) / p.size})
		p.children(page, func(at int) { stack = append(stack, le64(page, at)) })
	}
	return nil
}

func (p *pages) read(id uint64) ([]byte, error) {
	page := make([]byte, p.size)
	if _, err := p.file.ReadAt(page, int64(id*p.size)); err != nil {
		return nil, err
	}
	if more := uint64(le32(page, 12)); more > 0 {
		page = make([]byte, (1+more)*p.size)
		if _, err := p.file.ReadAt(page, int64(id*p.size)); err != nil {
			return nil, err
		}
	}
	return page, nil
}

// children calls `visit` with the offset of every page id in a branch or leaf page.
func (p *pages) children(page []byte, visit func(at int)) {
	flags, count := binary.LittleEndian.Uint16(page[8:]), int(binary.LittleEndian.Uint16(page[10:]))
	for i := 0; i < count; i++ {
		at := pageHeader + 16*i
		if flags == branchFlag {
			visit(at + 8)
		}
		if flags != leafFlag || le32(page, at)&bucketFlag == 0 {
			continue
		}
		header := at + int(le32(page, at+4)) + int(le32(page, at+8))
		if le64(page, header) != 0 { // else the bucket is inline
			visit(header)
		}
	}
}

func (p *pages) write(to io.Writer, highWater uint64) error {
	out := bufio.NewWriterSize(to, 1<<20)
	for meta := uint64(0); meta < 2; meta++ {
		page, err := p.read(meta)
		if err != nil {
			return err
		}
		p.move(page, 32)
		binary.LittleEndian.PutUint64(page[56:], highWater)
		sum := fnv.New64a()
		sum.Write(page[16:72])
		binary.LittleEndian.PutUint64(page[72:], sum.Sum64())
		if _, err := out.Write(page); err != nil {
			return err
		}
	}
	for _, r := range p.runs {
		page, err := p.read(r.id)
		if err != nil {
			return err
		}
		p.move(page, 0)
		p.children(page, func(at int) { p.move(page, at) })
		if _, err := out.Write(page); err != nil {
			return err
		}
	}
	return out.Flush()
}

func (p *pages) move(page []byte, at int) {
	binary.LittleEndian.PutUint64(page[at:], p.moved[le64(page, at)])
}

func le32(b []byte, at int) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
func le64(b []byte, at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }

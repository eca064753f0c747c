// Makes big databases to measure with: etcd's schema, written through bbolt itself.
//
//	makedb new [-mb N] [-live PERCENT] [-seed N] OUT   a snapshot with trailer, about N MiB
//	makedb shuffle [-seed N] IN OUT                    the same content, pages in random order
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"os"
)

const usage = "usage: makedb new [-mb N] [-live PERCENT] [-seed N] OUT\n" +
	"       makedb shuffle [-seed N] IN OUT"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "makedb:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("no command\n%s", usage)
	}
	flags := flag.NewFlagSet(args[0], flag.ExitOnError)
	mb := flags.Int64("mb", 256, "size in MiB")
	live := flags.Int64("live", 100, "percent of the rows that a compaction left")
	seed := flags.Uint64("seed", 1, "seed of the random numbers")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	switch {
	case args[0] == "new" && flags.NArg() == 1:
		return newDB(flags.Arg(0), *mb, *live, *seed)
	case args[0] == "shuffle" && flags.NArg() == 2:
		return shuffle(flags.Arg(0), flags.Arg(1), *seed)
	}
	return fmt.Errorf("what is '%s'?\n%s", args[0], usage)
}

// writeSnapshot writes what `body` gives and then the SHA-256 of it, as etcd's snapshot API does.
func writeSnapshot(path string, body func(io.Writer) error) error {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	sum := sha256.New()
	if err := body(io.MultiWriter(out, sum)); err != nil {
		return err
	}
	if _, err := out.Write(sum.Sum(nil)); err != nil {
		return err
	}
	return out.Close()
}

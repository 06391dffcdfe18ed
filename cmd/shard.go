package cmd

import (
	"github.com/spf13/pflag"

	"asof/inspect/ask"
	"asof/replay"
)

// addShard adds the flag that divides a question about a whole store.
func addShard(fl *pflag.FlagSet, text *string) {
	fl.StringVar(text, "shard", "", "only part I of N of the streams, as I/N, split by a hash of the stream id")
}

// shardFlag is the part of the store that a check is of.
type shardFlag struct{ text string }

func (f *shardFlag) add(fl *pflag.FlagSet) { addShard(fl, &f.text) }

func (f *shardFlag) shard() (replay.Shard, error) { return ask.ParseShard(f.text) }

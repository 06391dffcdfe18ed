package cmd

import (
	"github.com/spf13/pflag"

	"asof/replay"
)

// shardFlag divides a question about a whole store.
type shardFlag struct{ text string }

func (f *shardFlag) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.text, "shard", "", "only part I of N of the streams, as I/N, divided by a hash of their ids")
}

func (f *shardFlag) shard() (replay.Shard, error) {
	if f.text == "" {
		return replay.Shard{}, nil
	}
	s, err := replay.ParseShard(f.text)
	if err != nil {
		return s, usagef("write --shard 2/8 for the second of eight parts", "bad --shard %q: %v", f.text, err)
	}
	return s, nil
}

package cmd

import (
	"github.com/spf13/pflag"
)

// addShard adds --shard, which divides a question about a whole store.
func addShard(fl *pflag.FlagSet, text *string) {
	fl.StringVar(text, "shard", "", "only part I of N of the streams, divided by a hash of the stream id")
}

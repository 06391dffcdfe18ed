package ask

import (
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/workspace"
)

// ParseShard reads which part of a store is asked about. An empty text is all of it.
func ParseShard(text string) (replay.Shard, error) {
	if text == "" {
		return replay.Shard{}, nil
	}
	s, err := replay.ParseShard(text)
	if err != nil {
		return s, workspace.Usage(fault.Try("name the second of eight parts").With("shard", "2/8"), "bad shard %q: %v", text, err)
	}
	return s, nil
}

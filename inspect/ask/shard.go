package ask

import (
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/workspace"
)

// ParseShard parses a shard. An empty text is the whole store.
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

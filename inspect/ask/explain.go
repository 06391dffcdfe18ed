package ask

import (
	"context"

	"asof/inspect/check"
	"asof/inspect/contrast"
	"asof/replay"
	"asof/replay/workspace"
)

// Explaining asks what sets bad streams apart from good ones.
type Explaining struct {
	Explain  bool              `json:"explain,omitempty" jsonschema:"also compare bad streams up to their first bad event with good streams over as many events: what sets the bad ones apart"`
	Releases contrast.Releases `json:"-"` // with Explain, group first bad events by the release that was live
}

func (x Explaining) check(shard string, since bool) error {
	part, err := ParseShard(shard)
	switch {
	case err != nil || !x.Explain:
		return err
	case !part.IsAll():
		return workspace.Usagef("check all streams", "a shard does not have all good and bad streams to compare")
	case since:
		return workspace.Usagef("check from the start", "streams that were bad before a position are neither good nor bad after it")
	}
	return nil
}

// study returns what watches the check; nil: nothing.
func (x Explaining) study() *contrast.Study {
	if !x.Explain {
		return nil
	}
	return contrast.New(contrast.Options{Releases: x.Releases})
}

// explain compares the streams of a check that was watched.
func (r *checkRun) explain(ctx context.Context, ans *check.Result) ([]*contrast.Explained, error) {
	if r.study == nil {
		return nil, nil
	}
	return r.study.Explain(ctx, ans, func(ctx context.Context, streams []replay.StreamID, watches func(int) []check.Watch) error {
		_, err := check.Run(ctx, r.store, r.rules, check.Options{UpTo: r.upTo, Memory: r.memory, Only: streams, Watches: watches, SameNotice: sameNotice})
		return err
	})
}

package audit

import (
	"bytes"
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"asof/replay"
	"asof/replay/state"
)

// A head is the last leaf of a stream.
type head struct {
	stream replay.StreamID
	hash   tlog.Hash
}

// readStreams reads streams.json, a line for each stream.
func (v *verification) readStreams(ctx context.Context) error {
	r := v.open(fileStreams)
	if r == nil {
		return nil
	}
	defer r.close()
	var total int64
	var p state.Parser
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, err := r.next()
		if v.atEnd(fileStreams, r, err) {
			break
		}
		line = bytes.TrimSuffix(bytes.TrimSpace(line), []byte(","))
		if s := string(line); s == "[" || s == "]" || s == "[]" || s == "" {
			continue
		}
		val, err := state.Value{}, bounded(line)
		if err == nil {
			val, err = p.Parse(line)
		}
		if err != nil {
			v.find(Unreadable, fileStreams, lineEntry(r), "%v", err)
			continue
		}
		total += v.stream(val, lineEntry(r))
	}
	v.Streams = int64(len(v.streams))
	if c := v.checkpoint; c != nil && total != c.Size {
		v.find(Manipulated, fileStreams, "", "its streams have %s, but the checkpoint has %d", replay.Counted(total, "event", "events"), c.Size)
	}
	return nil
}

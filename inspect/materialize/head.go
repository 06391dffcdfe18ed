package materialize

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"asof/replay"
)

// A Head is how far a stream was when its row was made.
type Head struct {
	Stream replay.StreamID
	Text   string // made by headOf; empty: the stream must be folded again
}

// headOf describes the events of a stream: how many, which versions and which times.
func headOf(s *replay.Stream) Head {
	text := fmt.Sprintf("%d %d %d %s %s", s.Events, s.First, s.Last, stamp(s.FirstTime), stamp(s.LastTime))
	return Head{s.ID, text}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// grew reports whether a stream with an old head can be the beginning of one with a new
// head: it begins alike and has more events.
func grew(before, now string) bool {
	if before == "" {
		return true
	}
	o, n := strings.Fields(before), strings.Fields(now)
	if len(o) != len(n) || o[1] != n[1] || o[3] != n[3] {
		return false
	}
	return number(o[0]) < number(n[0]) && number(o[2]) < number(n[2])
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// A growth is how the streams of a store differ from those of a target.
type growth struct {
	ids   []replay.StreamID          // of streams that are new or have new events
	heads map[replay.StreamID]string // their heads
	had   map[replay.StreamID]bool   // those that are not new
	lost  bool                       // a stream has lost events, or all of them
}

// compare finds the streams to fold again, until one has lost events. Both sequences are
// in the order of streams.
func compare(now iter.Seq2[replay.Stream, error], old iter.Seq2[Head, error]) (g growth, err error) {
	g.heads, g.had = map[replay.StreamID]string{}, map[replay.StreamID]bool{}
	next, stop := iter.Pull2(old)
	defer stop()
	before, err, more := next()
	for s, failed := range now {
		if err = errors.Join(err, failed); err != nil {
			return g, err
		}
		head := headOf(&s)
		known := more && before.Stream == s.ID
		if more && before.Stream < s.ID || known && before.Text != head.Text && !grew(before.Text, head.Text) {
			g.lost = true
			return g, nil
		}
		if !known || before.Text != head.Text {
			g.ids, g.heads[s.ID] = append(g.ids, s.ID), head.Text
		}
		if known {
			if before.Text != head.Text {
				g.had[s.ID] = true
			}
			before, err, more = next()
		}
	}
	g.lost = more
	return g, err
}

// digest identifies the heads of all streams.
func digest(streams iter.Seq2[replay.Stream, error]) (string, error) {
	h := sha256.New()
	for s, err := range streams {
		if err != nil {
			return "", err
		}
		io.WriteString(h, strconv.Quote(string(s.ID))+" "+headOf(&s).Text+"\n") //nolint:errcheck // a hash takes all
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

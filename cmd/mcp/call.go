package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"asof/inspect/ask"
	"asof/inspect/query"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/spawn"
	"asof/replay/state"
	"asof/replay/workspace"
)

// A call is one call of a tool.
type call struct {
	ctx    context.Context
	server *Server
	tool   *tool
	a      arguments
	store  *Store
	w      *workspace.Workspace
	stream string // that a stream with a point of its own is, without it; empty: not known
	other  string // the same of the other stream

	mu      sync.Mutex
	notices []replay.Notice
	events  atomic.Int64 // that were read, as far as is known
	total   atomic.Int64 // events to read; not positive: not known
}

// errTime is why a call ends that takes too long.
var errTime = errors.New("the call took longer than its limit")

// errAway is why a call ends whose store did not answer in that time.
var errAway = errors.New("the store did not answer within the time limit of the call")

// Call answers a call of a tool. tell receives how far it is, with a number that rises;
// it may be nil. A call that cannot be answered has an answer too, which says why.
func (s *Server) Call(ctx context.Context, name string, raw json.RawMessage, tell func(progress float64, message string)) Answer {
	t := s.tool(name)
	c := &call{server: s, tool: t}
	if t == nil {
		return s.refused("unknown_tool", []wrong{{message: "no such tool"}})
	}
	a, wrongs := s.check(ctx, t, raw)
	switch {
	case len(wrongs) > 0 && ctx.Err() != nil: // a script in them was stopped
		return s.failed(c, context.Cause(ctx))
	case len(wrongs) > 0:
		return s.refused("bad_arguments", wrongs)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.o.Timeout, errTime)
	defer cancel()
	defer context.AfterFunc(s.life, cancel)()
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return s.failed(c, context.Cause(ctx))
	}
	c.ctx, c.a, c.store = ctx, a, s.store(a.Store)
	c.w = s.space.Begin(c.note).Showing(c.meter)
	if tell != nil {
		defer c.pulse(tell)()
	}
	defer s.prepare(c.store)
	r, err := c.run()
	if err != nil {
		if ctx.Err() != nil {
			if err = context.Cause(ctx); errors.Is(err, errTime) && !c.w.Opened() {
				err = errAway
			}
		}
		return s.failed(c, err)
	}
	return s.finished(c, r)
}

func (s *Server) tool(name string) *tool {
	for _, t := range tools {
		if t.name == name {
			return t
		}
	}
	return nil
}

// A bug is a panic while a call was answered.
type bug struct{ value any }

func (b *bug) Error() string { return fmt.Sprintf("this is a bug in asof: %v", b.value) }

// run runs the tool. A panic is an error: the other calls continue.
func (c *call) run() (r *reply, err error) {
	defer func() {
		if p := recover(); p != nil {
			r, err = nil, &bug{p}
		}
	}()
	return c.tool.run(c)
}

// noticeScan says that a check resumed from a kept answer. The same call has the same
// answer, kept or not.
const noticeScan = "scan"

func (c *call) note(n replay.Notice) {
	if n.Code == noticeScan || n.Code == query.NoticeBasis { // the reply names its moment

		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Contains(c.notices, n) {
		c.notices = append(c.notices, n)
	}
}

// A meter counts the events of a call.
type meter struct{ c *call }

// meter begins to count events, of which there are total, or -1.
func (c *call) meter(_ string, total int64) workspace.Meter {
	c.events.Store(0)
	c.total.Store(total)
	return meter{c}
}

func (m meter) Add(n int64) { m.c.events.Add(n) }
func (m meter) Done()       {}

// pulse tells how far the call is, until the function that it returns is called. The
// number that rises is the time: not every question counts its events.
func (c *call) pulse(tell func(float64, string)) (stop func()) {
	done := make(chan struct{})
	var beating spawn.Group
	beating.Go(func() {
		tick := time.NewTicker(c.server.o.Pulse)
		defer tick.Stop()
		for beats := 1; ; beats++ {
			select {
			case <-done:
				return
			case <-tick.C:
				tell(float64(beats)*c.server.o.Pulse.Seconds(), c.progress())
			}
		}
	})
	return func() {
		close(done)
		beating.Wait()
	}
}

// progress says how far the call is.
func (c *call) progress() string {
	switch n, total := c.events.Load(), c.total.Load(); {
	case n > 0 && total >= n:
		return fmt.Sprintf("%d of ", n) + replay.Counted(total, "event", "events")
	case n > 0:
		return replay.Counted(n, "event", "events")
	}
	return "at work"
}

// reply begins a reply.
func (c *call) reply() *reply {
	r := newReply(c.server.o.MaxBytes)
	// The next call and the command repeat the arguments of this one.
	r.budget -= 2 * sizeUpTo(c.again().Value(), r.most/argumentShares)
	r.folded = true
	return r
}

// folding is how the call folds.
func (c *call) folding() workspace.Folding {
	return workspace.Folding{Fold: c.a.Fold, Projection: c.a.Projection}
}

// timeline is the timeline of the call, at a point or over a range.
func (c *call) timeline(at string) ask.Timeline {
	return ask.Timeline{StoreRef: c.store.Ref, Stream: c.a.Stream, At: at, Folding: c.folding()}
}

func (c *call) condition() ask.Condition { return ask.Condition{Bad: c.a.Bad, Good: c.a.Good} }

// command is the same question as a command: the verb, the store, arguments, and those
// options that are not empty, in pairs.
func (c *call) command(verb string, words []string, options ...string) []string {
	flags := slices.Clone(c.store.Args[1:])
	options = append(options, "--fold", c.a.Fold, "--projection", c.a.Projection)
	for i := 0; i < len(options); i += 2 {
		switch options[i+1] {
		case "":
		case flagOn:
			flags = append(flags, options[i])
		default:
			flags = append(flags, options[i], options[i+1])
		}
	}
	flags = append(flags, "--json")
	words = append(c.store.Args[:1:1], words...)
	line := slices.Concat([]string{"asof", verb}, words, flags)
	if slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "-") }) {
		line = slices.Concat([]string{"asof", verb}, flags, []string{"--"}, words)
	}
	for i := range line {
		line[i] = workspace.Quoted(line[i])
	}
	return line
}

// commandOf is a command as a shell takes it, or null if it is longer or a shell cannot
// take it.
func commandOf(words []string, most int) state.Value {
	line := value(strings.Join(words, " "))
	if strings.Contains(line.Text(), "\x00") || sizeUpTo(line, most) > most {
		return state.NullValue()
	}
	return line
}

// flagOn is the value of an option that takes none.
const flagOn = "\x00"

func on(is bool) string {
	if is {
		return flagOn
	}
	return ""
}

// found says which stream an answer is about. The next call has its own point, which a
// stream such as cart-42@17 or id:3f2a must then not have.
func (c *call) found(stream string) {
	if mayHavePoint(c.a.Stream) {
		c.stream = stream
	}
}

// mayHavePoint reports whether a stream as a client writes it may have a point of its own.
func mayHavePoint(stream string) bool {
	return strings.HasPrefix(stream, "id:") || strings.Contains(stream, "@")
}

// pointed returns the arguments of another call, with the streams that its points are of.
func (c *call) pointed(n *state.Node) *state.Node {
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return !n.Get(name).IsAbsent() })
	}
	if c.stream != "" && has("at", "from", "to") && n.Get("stream").Text() == c.a.Stream {
		n.Set("stream", value(c.stream))
	}
	if c.other != "" && has("to") && has("other_stream") {
		n.Set("other_stream", value(c.other))
	}
	return n
}

// here are the arguments of another call about the same store and fold.
func (c *call) here(pairs ...any) *state.Node {
	n := state.NewObject()
	if len(c.server.o.Stores) > 1 {
		n.Set("store", value(c.store.Name))
	}
	for i := 0; i < len(pairs); i += 2 {
		v := value(pairs[i+1])
		if v.Kind() == state.String && v.Text() == "" {
			continue
		}
		n.Set(pairs[i].(string), v)
	}
	for name, text := range map[string]string{"fold": c.a.Fold, "projection": c.a.Projection} {
		if text != "" && slices.Contains(c.server.takes(c.tool), name) {
			n.Set(name, value(text))
		}
	}
	return c.pointed(n)
}

// again are the arguments of the call, with others in their place. An empty text leaves
// an argument out.
func (c *call) again(pairs ...any) *state.Node {
	n := state.NewObject()
	given, err := state.Parse(mustJSON(c.a))
	if err != nil {
		panic(err) // it was made here
	}
	for _, name := range c.server.takes(c.tool) {
		v := given.Node().Get(name)
		if isZero(v) || name == "limit" && c.a.Limit == c.server.o.MaxRows {
			continue
		}
		n.Set(name, v)
	}
	for i := 0; i < len(pairs); i += 2 {
		if v := value(pairs[i+1]); isZero(v) {
			n.Delete(pairs[i].(string))
		} else {
			n.Set(pairs[i].(string), v)
		}
	}
	return c.pointed(n)
}

func isZero(v state.Value) bool {
	switch v.Kind() {
	case state.String:
		return v.Text() == ""
	case state.Number:
		return v.Text() == "0"
	case state.Bool:
		return !v.Bool()
	case state.Null:
		return true
	case state.Array, state.Object:
		return v.Node().Len() == 0
	}
	return v.IsAbsent()
}

// pointOf writes a moment as a point.
func pointOf(m wire.Moment) string {
	if m.Version == nil {
		return "start"
	}
	return strconv.FormatInt(*m.Version, 10)
}

// jsonOf writes a value.
func jsonOf(v state.Value) json.RawMessage { return state.AppendJSON(nil, v) }

package redis

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"

	"github.com/gomodule/redigo/redis"

	"asof/inspect/materialize"
	"asof/replay/fault"
	"asof/replay/state"
)

// A change is the keys that are being written, under a prefix of their own.
type change struct {
	ctx    context.Context
	t      *Target
	prefix string // empty: it is over
	plan   materialize.Plan
	batch  []row
	empty  bool // no row is left to rename
}

// A row is a field of both hashes.
type row struct{ stream, value, head string }

const (
	batchRows = 200

	// expiry is how many seconds the keys of a run live that says nothing: it was killed.
	expiry = 3600

	// grace is how long the end of a run waits for the server.
	grace = 5 * time.Second
)

// Begin implements materialize.Target.
func (t *Target) Begin(ctx context.Context, p materialize.Plan) (materialize.Change, error) {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	c := &change{ctx: ctx, t: t, plan: p, prefix: t.key("unfinished:" + hex.EncodeToString(random[:]) + ":")}
	if p.Onto == nil || p.Onto.Rows == 0 {
		return c, nil
	}
	for _, name := range []string{statesKey, streamsKey} {
		if err := t.together(ctx, command{"COPY", t.key(name), c.prefix + name}, command{"EXPIRE", c.prefix + name, expiry}); err != nil {
			c.Discard()
			return nil, t.wrong("write", err)
		}
	}
	return c, nil
}

// Put implements materialize.Change.
func (c *change) Put(values []state.Value, h materialize.Head) error {
	text := []byte{'{'}
	for i, v := range values {
		if v.IsAbsent() {
			continue
		}
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = append(state.AppendJSON(text, state.StringValue(c.plan.Columns[i].Name)), ':')
		text = state.AppendJSON(text, v)
	}
	c.batch = append(c.batch, row{string(h.Stream), string(append(text, '}')), h.Text})
	if len(c.batch) < batchRows {
		return nil
	}
	return c.flush()
}

// flush writes rows, and compares what the server then has.
func (c *change) flush() error {
	if len(c.batch) == 0 {
		return nil
	}
	states, streams := c.prefix+statesKey, c.prefix+streamsKey
	rows, heads, fields := command{"HSET", states}, command{"HSET", streams}, []any{states}
	for _, r := range c.batch {
		rows, heads, fields = append(rows, r.stream, r.value), append(heads, r.stream, r.head), append(fields, r.stream)
	}
	if err := c.t.together(c.ctx, rows, heads, command{"EXPIRE", states, expiry}, command{"EXPIRE", streams, expiry}); err != nil {
		return c.t.wrong("write", err)
	}
	back, err := c.t.do(c.ctx, "HMGET", fields...)
	if err != nil {
		return c.t.wrong("write", err)
	}
	texts, err := redis.Strings(back, nil)
	if err != nil {
		return c.t.wrong("read", err)
	}
	for i, r := range c.batch {
		if i >= len(texts) || texts[i] != r.value {
			return &ValueError{c.t.key(statesKey), r.stream}
		}
	}
	c.batch = c.batch[:0]
	return nil
}

// Finish implements materialize.Change.
func (c *change) Finish(cp *materialize.Checkpoint) (rows int64, err error) {
	if err := c.flush(); err != nil {
		return 0, err
	}
	text, err := cp.Encode()
	if err != nil {
		return 0, err
	}
	states, err := redis.Int64(c.t.do(c.ctx, "HLEN", c.prefix+statesKey))
	streams, err2 := redis.Int64(c.t.do(c.ctx, "HLEN", c.prefix+streamsKey))
	_, err3 := c.t.do(c.ctx, "SET", c.prefix+checkpointKey, text, "EX", expiry)
	if err := errors.Join(err, err2, err3); err != nil {
		return 0, c.t.wrong("write", err)
	}
	c.empty = states == 0
	return min(states, streams), nil
}

// Commit implements materialize.Change.
func (c *change) Commit() error {
	defer c.Discard()
	return c.t.wrong("write", c.swap())
}

// swap gives the keys their names, in one transaction. The server drops it if one of the
// keys changes or expires until then.
func (c *change) swap() error {
	do := func(command string, args ...any) (any, error) { return c.t.do(c.ctx, command, args...) }
	live := c.t.key(checkpointKey)
	if _, err := do("WATCH", append(c.names(), live)...); err != nil {
		return err
	}
	now, err := redis.String(do("GET", live))
	there := err == nil
	if err != nil && !errors.Is(err, redis.ErrNil) {
		return err
	}
	if there != (c.t.was != nil) || there && now != *c.t.was {
		return c.changed()
	}
	// A transaction does not end at a command that fails: nothing may be missing.
	if n, err := redis.Int(do("EXISTS", c.names()...)); err != nil || n != len(c.names()) {
		return errors.Join(err, errGone)
	}
	if _, err := do("MULTI"); err != nil {
		return err
	}
	for _, name := range []string{statesKey, streamsKey, checkpointKey} {
		// UNLINK leaves the memory of the old content to a thread of the server.
		_, err := do("UNLINK", c.t.key(name))
		if err == nil && (!c.empty || name == checkpointKey) {
			if _, err = do("PERSIST", c.prefix+name); err == nil {
				_, err = do("RENAME", c.prefix+name, c.t.key(name))
			}
		}
		if err != nil {
			return err
		}
	}
	done, err := redis.Values(do("EXEC"))
	if errors.Is(err, redis.ErrNil) {
		return c.changed()
	}
	for _, reply := range done {
		if failed, ok := reply.(redis.Error); ok {
			err = errors.Join(err, failed)
		}
	}
	return err
}

func (c *change) changed() error {
	return c.t.refuse("another process changed it meanwhile", fault.Try("run again"))
}

var errGone = errors.New("the server has dropped rows that were written")

// names are the keys to rename. A hash without a field is no key.
func (c *change) names() []any {
	if c.empty {
		return []any{c.prefix + checkpointKey}
	}
	return []any{c.prefix + statesKey, c.prefix + streamsKey, c.prefix + checkpointKey}
}

// Discard implements materialize.Change.
func (c *change) Discard() {
	if c.prefix == "" {
		return
	}
	// The question may have been ended.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), grace)
	defer cancel()
	_, _ = c.t.do(ctx, "UNLINK", c.prefix+statesKey, c.prefix+streamsKey, c.prefix+checkpointKey)
	c.prefix = ""
}

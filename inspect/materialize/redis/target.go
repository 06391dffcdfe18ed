package redis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"

	"asof/inspect/materialize"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
)

// A Target is the keys of a prefix.
type Target struct {
	at     place.Location
	url    string // without the prefix
	prefix string
	conn   redis.Conn // nil: not yet, or no longer
	was    *string    // the checkpoint when it was first read; nil: there is none
}

var _ materialize.Target = (*Target)(nil)

// The keys, after the prefix.
const (
	statesKey     = "states"
	streamsKey    = "streams"
	checkpointKey = "checkpoint"
)

// Open returns the keys of a prefix, which the location may name: redis://host/0?prefix=cart:.
func Open(at place.Location, prefix string) (*Target, error) {
	t := &Target{at: at}
	if reason := at.Fault(); reason != "" {
		return nil, t.refuse("the connection string is ambiguous: "+reason, fault.Remedy{})
	}
	u, err := url.Parse(at.Reveal())
	if err != nil || u.Host == "" && u.Opaque != "" {
		return nil, t.refuse("the connection string is invalid", form) // the parser quotes any part of it
	}
	settings := u.Query()
	t.prefix = cmp.Or(settings.Get("prefix"), prefix)
	if settings.Del("prefix"); len(settings) > 0 || u.Fragment != "" {
		return nil, t.refuse("the connection string has settings other than prefix", form)
	}
	u.RawQuery = ""
	t.url = u.String()
	return t, nil
}

// form is what to do about a connection string.
var form = fault.Try("write redis://USER:PASSWORD@HOST:PORT/NUMBER?prefix=cart:")

// wait is how long the server may take to answer.
const wait = time.Minute

// do runs a command.
func (t *Target) do(ctx context.Context, command string, args ...any) (any, error) {
	if t.conn == nil {
		var err error
		if t.conn, err = redis.DialURLContext(ctx, t.url, redis.DialConnectTimeout(wait), redis.DialReadTimeout(wait), redis.DialWriteTimeout(wait)); err != nil {
			return nil, err
		}
	}
	v, err := redis.DoContext(t.conn, ctx, command, args...)
	if t.conn.Err() != nil { // it is of no more use
		_ = t.conn.Close()
		t.conn = nil
	}
	return v, err
}

// A command is its name and its arguments.
type command []any

// together runs commands in one transaction: the server has all of them or none, also if
// this process is killed meanwhile.
func (t *Target) together(ctx context.Context, commands ...command) error {
	run := func() error {
		for _, c := range commands {
			if _, err := t.do(ctx, c[0].(string), c[1:]...); err != nil {
				return err
			}
		}
		replies, err := redis.Values(t.do(ctx, "EXEC"))
		for _, r := range replies {
			if failed, ok := r.(redis.Error); ok && err == nil {
				err = failed
			}
		}
		return err
	}
	if _, err := t.do(ctx, "MULTI"); err != nil {
		return err
	}
	err := run()
	if err != nil && t.conn != nil {
		_, _ = t.do(ctx, "DISCARD") // fails after EXEC, where nothing is left to discard
	}
	return err
}

func (t *Target) key(name string) string { return t.prefix + name }

func (t *Target) refuse(why string, next fault.Remedy) error {
	return &materialize.RefusedError{Target: t.at.String(), Why: why, Next: next}
}

func (t *Target) notOurs(name string) error {
	return t.refuse("asof did not write the key "+t.key(name), fault.Try("name another prefix, as in redis://HOST/0?prefix=read:"))
}

// wrong is the error of the server, without secrets.
func (t *Target) wrong(op string, err error) error {
	if err == nil {
		return nil
	}
	var known fault.Error
	if errors.As(err, &known) {
		return err
	}
	return &replay.StoreError{Path: t.at.String(), Op: op, Err: errors.New(t.at.Scrub(err.Error()))}
}

// Close implements materialize.Target.
func (t *Target) Close() error {
	if t.conn == nil {
		return nil
	}
	err := t.conn.Close()
	t.conn = nil
	return t.wrong("close", err)
}

// Typed implements materialize.Target.
func (*Target) Typed() bool { return false }

// Checkpoint implements materialize.Target.
func (t *Target) Checkpoint(ctx context.Context) (*materialize.Checkpoint, error) {
	kinds := map[string]string{}
	for _, name := range []string{statesKey, streamsKey, checkpointKey} {
		kind, err := redis.String(t.do(ctx, "TYPE", t.key(name)))
		if err != nil {
			return nil, t.wrong("read", err)
		}
		if kind != "none" {
			kinds[name] = kind
		}
	}
	for name, want := range map[string]string{statesKey: "hash", streamsKey: "hash", checkpointKey: "string"} {
		if kind, ok := kinds[name]; ok && (kind != want || kinds[checkpointKey] == "") {
			return nil, t.notOurs(name)
		}
	}
	if kinds[checkpointKey] == "" {
		return nil, nil
	}
	text, err := redis.String(t.do(ctx, "GET", t.key(checkpointKey)))
	if err != nil {
		return nil, t.wrong("read", err)
	}
	c, err := materialize.Decode(text)
	if err != nil || c.Format == 0 {
		return nil, t.notOurs(checkpointKey)
	}
	t.was = &text
	if n, err := redis.Int64(t.do(ctx, "HLEN", t.key(statesKey))); err != nil || n != c.Rows {
		return nil, t.wrong("read", err) // somebody dropped it, or some of it expired
	}
	return c, nil
}

// scanned is how many fields are asked for at once.
const scanned = 1000

// Heads implements materialize.Target. A hash has no order: all heads are in memory.
func (t *Target) Heads(ctx context.Context) iter.Seq2[materialize.Head, error] {
	return func(yield func(materialize.Head, error) bool) {
		all, err := t.heads(ctx)
		if err != nil {
			yield(materialize.Head{}, t.wrong("read", err))
			return
		}
		for _, h := range all {
			if !yield(h, nil) {
				return
			}
		}
	}
}

func (t *Target) heads(ctx context.Context) (all []materialize.Head, err error) {
	for cursor := "0"; ; {
		reply, err := redis.Values(t.do(ctx, "HSCAN", t.key(streamsKey), cursor, "COUNT", scanned))
		if err != nil || len(reply) != 2 {
			return nil, cmp.Or(err, redis.ErrNil)
		}
		pairs, err := redis.Strings(reply[1], nil)
		if err != nil {
			return nil, err
		}
		for i := 0; i+1 < len(pairs); i += 2 {
			all = append(all, materialize.Head{Stream: replay.StreamID(pairs[i]), Text: pairs[i+1]})
		}
		if cursor, err = redis.String(reply[0], nil); cursor == "0" || err != nil {
			break
		}
	}
	slices.SortFunc(all, func(a, b materialize.Head) int { return strings.Compare(string(a.Stream), string(b.Stream)) })
	// A scan may give a field twice.
	return slices.CompactFunc(all, func(a, b materialize.Head) bool { return a.Stream == b.Stream }), nil
}

// A ValueError is a row that the server gives back otherwise than it was written.
type ValueError struct{ Key, Stream string }

func (e *ValueError) Error() string {
	return fmt.Sprintf("%s: the row of %s is not what was written: the target is left as it was", e.Key, e.Stream)
}

// Class returns fault.Store.
func (*ValueError) Class() fault.Class { return fault.Store }

// Fault returns fault.KindBadStore.
func (*ValueError) Fault() fault.Kind { return fault.KindBadStore }

// Remedy returns what to do next.
func (*ValueError) Remedy() fault.Remedy { return fault.Try("look for a proxy that changes values") }

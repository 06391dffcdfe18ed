package mcp

import (
	"sync"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// sessionIdle is how long a session has been without a request when it may end to make room
// for another: many clients go away without a word. It is a variable for tests.
var sessionIdle = time.Minute

// uses are when sessions were used, by their ids. The zero uses are empty.
type uses struct {
	mu  sync.Mutex
	all map[string]*use
}

// A use is when a session was used.
type use struct {
	active int       // requests that are at work
	last   time.Time // that one began or ended
}

// begin notes a request of a session. The function that it returns notes its end.
func (u *uses) begin(id string) (end func()) {
	u.note(id, 1)
	return func() { u.note(id, -1) }
}

func (u *uses) note(id string, active int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.all == nil {
		u.all = map[string]*use{}
	}
	one := u.all[id]
	if one == nil {
		one = &use{}
		u.all[id] = one
	}
	one.active, one.last = one.active+active, time.Now()
}

// longestIdle returns the session that was not used for the longest time; nil: all are in use.
// It forgets those that have ended.
func (u *uses) longestIdle(open []*sdk.ServerSession) (longest *sdk.ServerSession) {
	u.mu.Lock()
	defer u.mu.Unlock()
	left, since := map[string]*use{}, time.Now().Add(-sessionIdle)
	for _, session := range open {
		one := u.all[session.ID()]
		if one == nil { // it is being opened
			continue
		}
		left[session.ID()] = one
		if one.active == 0 && !one.last.After(since) {
			longest, since = session, one.last
		}
	}
	for id, one := range u.all {
		if one.active > 0 {
			left[id] = one
		}
	}
	u.all = left
	return longest
}

package mcp

import (
	"context"
	"net/http"
	"strconv"
	"sync"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// postHeader tells a call which request it came with. What a client writes there is replaced.
const postHeader = "Asof-Post"

// posts are the requests over HTTP that are at work. The protocol's library lets a call go on
// when its client has gone, and when its session ends: it can be asked for the answer again
// only if that is kept, which it is not. Such a call would take the place of others. The zero
// posts are empty.
type posts struct {
	mu   sync.Mutex
	last uint64
	all  map[string]openPost
}

type openPost struct {
	ctx     context.Context
	cancel  context.CancelFunc
	session string
}

// begin notes a request, until the function that it returns is called.
func (p *posts) begin(r *http.Request) (end func()) {
	ctx, cancel := context.WithCancel(r.Context())
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[string]openPost{}
	}
	p.last++
	id := strconv.FormatUint(p.last, 10)
	p.all[id] = openPost{ctx, cancel, r.Header.Get("Mcp-Session-Id")}
	r.Header.Set(postHeader, id)
	return func() {
		cancel()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.all, id)
	}
}

// endSession ends the calls of a session.
func (p *posts) endSession(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.all {
		if one.session == id {
			one.cancel()
		}
	}
}

// within returns the context of a call that ends with the request that it came with.
func (p *posts) within(ctx context.Context, extra *sdk.RequestExtra) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if extra == nil || extra.Header.Get(postHeader) == "" {
		return ctx, cancel
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	one, ok := p.all[extra.Header.Get(postHeader)]
	if !ok { // it has ended
		cancel()
		return ctx, cancel
	}
	stop := context.AfterFunc(one.ctx, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

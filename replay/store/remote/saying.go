package remote

import (
	"net"
	"strconv"
	"strings"
)

// Saying returns an error with another text than its cause.
func Saying(says string, cause error) error { return saying{says, cause} }

type saying struct {
	says  string
	cause error
}

func (e saying) Error() string { return e.says }
func (e saying) Unwrap() error { return e.cause }

// Innermost extracts the cause from a connection error, without the address, which the
// error's path has. Of several attempts it returns the last.
func Innermost(err error) string {
	for {
		switch u := err.(type) {
		case interface{ Unwrap() error }:
			next := u.Unwrap()
			if next == nil {
				return err.Error()
			}
			err = next
		case interface{ Unwrap() []error }:
			all := u.Unwrap()
			if len(all) == 0 {
				return err.Error()
			}
			err = all[len(all)-1]
		default:
			return err.Error()
		}
	}
}

// HostPort returns the address of a server, without the port if it is the usual one.
func HostPort(host string, port, usual uint16) string {
	if port == usual {
		if strings.Contains(host, ":") {
			return "[" + host + "]"
		}
		return host
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}

package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// TestPageIsServed needs no browser.
func TestPageIsServed(t *testing.T) {
	f := start(t)
	resp, err := f.client.Get(f.admin + "/")
	require.NoError(t, err)
	defer resp.Body.Close()
	html, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Contains(t, resp.Header.Get("Content-Type"), "text/html")
	require.Contains(t, string(html), "<title>chatstream proxy</title>")
	require.NotContains(t, string(html), "https://", "the page loads nothing from elsewhere")
}

// tab is a page in a headless browser.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// browse opens a page in a browser that ends with the test. Where none is installed
// the test is skipped.
func browse(t *testing.T, url string) *tab {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no chromium here: the page was not tried in a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, _ = chromedp.NewContext(ctx)
	t.Cleanup(func() { chromedp.Cancel(ctx) })
	b := &tab{t, ctx}
	b.do(chromedp.Navigate(url))
	b.until(`document.getElementById("state").textContent === "live"`)
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, steps...))
}

// until waits for an expression of the page to be true.
func (b *tab) until(expression string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression))
	require.NoError(b.t, err, expression)
}

// text returns what an element says.
func (b *tab) text(id string) string {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.getElementById("`+id+`").textContent`))
	require.NoError(b.t, err, id)
	return text
}

// requireFits checks that nothing is wider than the window. With the variable
// SCREENSHOTS it leaves a picture in the folder of that name, to be looked at.
func (b *tab) requireFits(width int, scheme string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(int64(width), 900), colors(scheme))
	wide, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("body *")].filter(e =>
		e.getBoundingClientRect().right > innerWidth + 1 ||
		e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline" && !e.closest("svg, input")).map(e => e.id || e.tagName)`))
	require.NoError(b.t, err)
	require.Empty(b.t, wide, "wider than a window of %d", width)
	if folder := os.Getenv("SCREENSHOTS"); folder != "" {
		picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
		require.NoError(b.t, err)
		require.NoError(b.t, os.WriteFile(filepath.Join(folder, "page-"+strconv.Itoa(width)+"-"+scheme+".png"), picture, 0o644))
	}
}

// colors makes the page light or dark.
func colors(scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

// requireContrast checks that text can be read: at least 4.5 to 1 (WCAG AA).
func (b *tab) requireContrast(scheme string) {
	b.t.Helper()
	low, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](`(() => {
		const rgb = s => (s.match(/[\d.]+/g) || []).map(Number);
		const light = c => c.slice(0, 3).map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
			.reduce((n, v, i) => n + v * [.2126, .7152, .0722][i], 0);
		const paper = e => {
			for (; e; e = e.parentElement) {
				const c = rgb(getComputedStyle(e).backgroundColor);
				if (c.length === 3 || c[3] === 1) return c;
			}
			return [255, 255, 255];
		};
		return [...document.querySelectorAll("body *")]
			.filter(e => !e.disabled && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
			.filter(e => {
				const [a, b] = [light(rgb(getComputedStyle(e).color)), light(paper(e))].sort((a, b) => b - a);
				return (a + .05) / (b + .05) < 4.5;
			}).map(e => e.id || e.tagName + " " + e.textContent);
	})()`))
	require.NoError(b.t, err)
	require.Empty(b.t, low, scheme)
}

// send asks for a model on the page, and waits for the end of the answer.
func (b *tab) send(model string) {
	b.t.Helper()
	b.do(chromedp.SetValue(chromedp.CSS("#model"), model), chromedp.Click(chromedp.CSS("#send")))
	b.until(`document.getElementById("send").disabled === false`)
}

// TestPage: the page shows an answer as it comes and the metrics as they change, and
// fits narrow and wide windows.
func TestPage(t *testing.T) {
	f := start(t, "-pace", "5ms")
	b := browse(t, f.admin+"/")
	b.until(`document.getElementById("models").options.length > 50`)
	require.Equal(t, "none yet", b.text("firstHigh"))
	require.Equal(t, "0 B", b.text("bytes"))
	for _, model := range []string{"truncated", "openrouter-error", "syntax-error", "openai-tools-parallel", "openai-n2", "openai-text"} {
		b.send(model)
		require.Equal(t, string(testStreams(t)[model]), b.text("stream"))
		switch content, _ := sent(t, "openai-text"); model {
		case "openrouter-error":
			require.Contains(t, b.text("answer"), `Upstream went "away"`)
		case "openai-tools-parallel":
			require.Contains(t, b.text("answer"), `{"`)
		case "openai-n2":
			require.Contains(t, b.text("answer"), "Choice 1")
		case "openai-text":
			require.Equal(t, content, b.text("answer"))
		}
	}
	b.until(`document.getElementById("streams").textContent === "6 in all" && document.getElementById("open").textContent === "0"`)
	require.Equal(t, "1", b.text("truncated"))
	require.Equal(t, "0", b.text("other"))
	require.Equal(t, "1", b.text("upstream"))
	require.Equal(t, "in stream: 1", b.text("upstreamKinds"))
	require.Equal(t, "1", b.text("decode"))
	require.Regexp(t, `^≈ [1-9]0* (ms|s)$`, b.text("first"), "no more digits than it has")
	require.Regexp(t, `^median; 99 % below \d`, b.text("gapHigh"))
	require.Regexp(t, `^\d+\.\d kB$`, b.text("bytes"))
	require.Contains(t, b.text("tokens"), "gpt-4.1-mini-2025-04-14")
	b.until(`document.querySelectorAll("#charts figure .line").length >= 4`)
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int{320, 360, 800, 1440} {
			b.requireFits(width, scheme)
		}
		b.requireContrast(scheme)
	}
	b.do(chromedp.Click(chromedp.CSS("#raw")))
	b.until(`document.getElementById("answer").hidden && !document.getElementById("stream").hidden`)
	b.requireFits(800, "light")
}

// TestPageKey: with a key, upstreams that want one can be tried.
func TestPageKey(t *testing.T) {
	f := start(t, withUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Header.Get("Authorization") != "Bearer sesame":
			w.WriteHeader(http.StatusUnauthorized)
			io.WriteString(w, `{"error":{"message":"no such key"}}`)
		case r.Method == http.MethodGet:
			io.WriteString(w, `{"data":[{"id":"one"},{"id":"two"}]}`)
		default:
			w.Header().Set("Content-Type", "text/event-stream")
			io.WriteString(w, chunk("open")+"data: [DONE]\n\n")
		}
	})...)
	b := browse(t, f.admin+"/")
	b.send("one")
	require.Contains(t, b.text("answer"), "no such key")
	b.do(chromedp.SendKeys(chromedp.CSS("#key"), "sesame\t"))
	b.until(`document.getElementById("models").options.length === 2`)
	b.send("two")
	require.Equal(t, "open", b.text("answer"))
}

// TestPageStop: an answer can be stopped, and upstream is then.
func TestPageStop(t *testing.T) {
	gone := make(chan bool)
	f := start(t, withUpstream(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, chunk("and on"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(gone)
	})...)
	b := browse(t, f.admin+"/")
	b.do(chromedp.Click(chromedp.CSS("#send")))
	b.until(`document.getElementById("answer").textContent === "and on"`)
	b.do(chromedp.Click(chromedp.CSS("#stop")))
	b.until(`document.getElementById("tried").textContent === "stopped"`)
	<-gone
}

// TestPageWithoutProxy: the page says that it has lost the proxy.
func TestPageWithoutProxy(t *testing.T) {
	c, err := parseFlags([]string{"-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0", "-upstream", "http://127.0.0.1:1"}, io.Discard)
	require.NoError(t, err)
	p, err := startProxy(c)
	require.NoError(t, err)
	defer p.close()
	b := browse(t, p.admin.url+"/")
	p.close()
	b.until(`document.getElementById("state").textContent === "no connection to the proxy"`)
}

package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

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
func (b *tab) requireFits(width int) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(int64(width), 900))
	wide, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("body *")].filter(e =>
		e.getBoundingClientRect().right > innerWidth + 1 ||
		e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline").map(e => e.id || e.tagName)`))
	require.NoError(b.t, err)
	require.Empty(b.t, wide, "wider than a window of %d", width)
	if folder := os.Getenv("SCREENSHOTS"); folder != "" {
		picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
		require.NoError(b.t, err)
		require.NoError(b.t, os.WriteFile(filepath.Join(folder, "page-"+strconv.Itoa(width)+".png"), picture, 0o644))
	}
}

// TestPage: the page fits narrow and wide windows, shows the metrics as they change,
// and sends a request that is seen as it comes.
func TestPage(t *testing.T) {
	f := start(t, "-pace", "5ms")
	b := browse(t, f.admin+"/")
	b.until(`document.getElementById("model").options.length > 50`)
	require.Equal(t, "none yet", b.text("firstHigh"))
	require.Equal(t, "0 B", b.text("bytes"))
	for _, model := range []string{"truncated", "openrouter-error", "syntax-error", "openai-text"} {
		b.do(chromedp.SetValue(chromedp.CSS("#model"), model), chromedp.Click(chromedp.CSS("#send")))
		b.until(`document.getElementById("send").disabled === false`)
		require.Equal(t, string(testStreams(t)[model]), b.text("answer"))
	}
	b.until(`document.getElementById("streams").textContent === "4 in all" && document.getElementById("open").textContent === "0"`)
	require.Equal(t, "1", b.text("truncated"))
	require.Equal(t, "1", b.text("upstream"))
	require.Equal(t, "in stream: 1", b.text("upstreamKinds"))
	require.Equal(t, "1", b.text("decode"))
	require.Contains(t, b.text("first"), " ms")
	require.Contains(t, b.text("gap"), " ms")
	require.Regexp(t, `^median; 99 % below \d`, b.text("gapHigh"))
	require.Regexp(t, `^\d+\.\d kB$`, b.text("bytes"))
	require.Contains(t, b.text("tokens"), "gpt-4.1-mini-2025-04-14")
	for _, width := range []int{320, 800, 1440} {
		b.requireFits(width)
	}
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
	require.Equal(t, "openai-text", b.text("model"), "the model that stands in the page")
}

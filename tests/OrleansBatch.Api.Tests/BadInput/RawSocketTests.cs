using System.Net.Sockets;
using System.Text;

namespace OrleansBatch.Api.Tests.BadInput;

/// <summary>Connections that no HTTP client would make: an answer or an end, and the next caller is served.</summary>
[Collection(ARealScheduler.Collection)]
public sealed class RawSocketTests(ARealScheduler scheduler)
{
    /// <summary>An end comes within this or is held to hang.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static TheoryData<string> Requests =>
    [
        "GET\r\n\r\n",
        "POST /v1/submitjob\r\n\r\n",
        "POST /v1/submitjob HTTP/9.9\r\nHost: h\r\n\r\n",
        "POST /v1/submitjob HTTP/1.1\r\n\r\n",
        "POST /v1/submitjob HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
        "POST /v1/submitjob HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /v1/submitjob HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999999\r\n\r\n{}",
        "POST /v1/submitjob HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        "POST /v1/submitjob HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
        "POST /v1/submitjob HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "POST /v1/submitjob HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "POST /v1/submitjob HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
        "POST /v1/submitjob HTTP/1.1\r\nHost: h\r\nBad Header\r\n\r\n",
        "POST /v1/submitjob HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n",
        "GET /v1/tags/%00 HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /v1/tags/a b HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET http://other/v1/tags/arn%3Ax HTTP/1.1\r\nHost: other\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
        "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003",
        "GET /" + new string('a', 100_000) + " HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: " + new string('a', 100_000) + "\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n" + string.Concat(Enumerable.Range(0, 500).Select(i => $"X{i}: a\r\n")) + "\r\n",
    ];

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task What_is_no_request_gets_an_answer_or_an_end(string request)
    {
        var answer = await ExchangeAsync(request, closeSending: false);

        // A version of HTTP that there is not has a status of its own, and who begins as HTTP/2 is answered so.
        string[] answers = ["HTTP/1.1 4", "HTTP/1.1 100", "HTTP/1.1 505", "\0\0"];
        Assert.True(answer.Length == 0 || answers.Any(begin => answer.StartsWith(begin, StringComparison.Ordinal)), answer);
        await scheduler.AssertUnharmedAsync();
    }

    [Fact]
    public async Task A_request_that_breaks_off_anywhere_leaves_nothing_behind()
    {
        const string Request = "POST /v1/describejobs HTTP/1.1\r\nHost: h\r\nContent-Length: 20\r\n\r\n{\"jobs\":[\"12345678\"]}";
        await Parallel.ForEachAsync(Enumerable.Range(0, Request.Length), async (length, _) =>
        {
            var answer = await ExchangeAsync(Request[..length], closeSending: true);
            Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal), answer);
        });

        await scheduler.AssertUnharmedAsync();
    }

    [Fact]
    public async Task Connections_that_wait_in_the_middle_of_a_request_hold_nobody_up()
    {
        List<TcpClient> waiting = [];
        for (var i = 0; i < 200; i++)
        {
            var client = new TcpClient();
            await client.ConnectAsync(scheduler.Endpoint.Host, scheduler.Endpoint.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("POST /v1/submitjob HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n{\"jobName\":"));
            waiting.Add(client);
        }

        await scheduler.AssertUnharmedAsync();
        waiting.ForEach(client => client.Dispose());
        await scheduler.AssertUnharmedAsync();
    }

    private async Task<string> ExchangeAsync(string request, bool closeSending)
    {
        using var patience = new CancellationTokenSource(Patience);
        using TcpClient client = new();
        await client.ConnectAsync(scheduler.Endpoint.Host, scheduler.Endpoint.Port, patience.Token);
        var stream = client.GetStream();
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(request), patience.Token);
            if (closeSending)
            {
                client.Client.Shutdown(SocketShutdown.Send);
            }

            // The beginning of an answer is all that matters, or that the connection ends.
            var buffer = new byte[4096];
            var read = await stream.ReadAsync(buffer, patience.Token);
            return Encoding.Latin1.GetString(buffer, 0, read);
        }
        catch (IOException)
        {
            // The server ended the connection while the rest was still under way to it: an end, too.
            return "";
        }
        catch (SocketException)
        {
            return "";
        }
    }
}

using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OrleansBatch.Api.Tests;

/// <summary>The door on a real web server on a free port of this machine, with fake grains behind it.</summary>
internal sealed class ABatchServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ABatchServer(WebApplication app, FakeGrains grains, RecordedLog log)
    {
        (_app, Grains, Log) = (app, grains, log);
        Address = new(app.Urls.Single());
        Client = new() { BaseAddress = Address };
    }

    public FakeGrains Grains { get; }

    public RecordedLog Log { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public static Task<ABatchServer> StartAsync(Func<ReceivedCall, object?>? answer = null, Action<BatchApiOptions>? configure = null) =>
        StartAsync(call => Task.FromResult((answer ?? Answers.ToAnything)(call)), configure);

    public static async Task<ABatchServer> StartAsync(Func<ReceivedCall, Task<object?>> answer, Action<BatchApiOptions>? configure = null)
    {
        FakeGrains grains = new(answer);
        RecordedLog log = new();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddSingleton(grains.CreateFactory());
        builder.Services.AddBatchApi(configure);
        var app = builder.Build();
        app.MapBatchApi();
        await app.StartAsync();
        return new(app, grains, log);
    }

    public Task<Answer> PostAsync(string path, string body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, new ByteArrayContent(Encoding.UTF8.GetBytes(body)), headers);

    public Task<Answer> PostAsync(string path, byte[] body) => SendAsync(HttpMethod.Post, path, new ByteArrayContent(body));

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(method, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        using var response = await Client.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>What came back.</summary>
internal sealed record Answer(int Status, string Body, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public string? ErrorType => Headers.TryGetValues("x-amzn-ErrorType", out var values) ? values.Single() : null;

    public string RequestId => Headers.GetValues("x-amzn-RequestId").Single();

    public string Message => Read("message");

    /// <summary>Every error has this form, whatever went wrong.</summary>
    public Answer AssertError(int status, string type)
    {
        Assert.Equal((status, type), (Status, ErrorType));
        Assert.Equal(type, Read("__type"));
        Assert.NotEmpty(Message);
        AssertFramed();
        return this;
    }

    public Answer AssertClientException() => AssertError(400, "ClientException");

    public void AssertFramed()
    {
        Assert.True(Guid.TryParseExact(RequestId, "D", out _));
        Assert.NotNull(ContentHeaders.ContentLength);
        Assert.NotNull(ContentHeaders.ContentType);
        Assert.DoesNotContain("System.", Body, StringComparison.Ordinal);
        Assert.DoesNotContain("OrleansBatch.", Body, StringComparison.Ordinal);
        Assert.DoesNotContain("`1", Body, StringComparison.Ordinal);
    }

    private string Read(string member)
    {
        using var document = JsonDocument.Parse(Body);
        return document.RootElement.GetProperty(member).GetString()!;
    }
}

/// <summary>Keeps what is logged.</summary>
internal sealed class RecordedLog : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(LogLevel Level, string Text, Exception? Exception)> Entries { get; } = [];

    public IEnumerable<(LogLevel Level, string Text, Exception? Exception)> Errors => Entries.Where(entry => entry.Level >= LogLevel.Error);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Entries.Enqueue((logLevel, formatter(state, exception), exception));

    public void Dispose()
    {
    }
}

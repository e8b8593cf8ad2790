using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace OrleansBatch.Silo.Tests;

public sealed class HealthTests
{
    [Fact]
    public async Task A_scheduler_that_starts_lives_and_is_ready_once_it_takes_work()
    {
        var readiness = new Readiness();
        await using var app = await ServeAsync(readiness);
        using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };

        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync(http, "/healthz"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not ready\n"), await GetAsync(http, "/readyz"));
        readiness.IsReady = true;
        Assert.Equal((HttpStatusCode.OK, "ready\n"), await GetAsync(http, "/readyz"));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync(http, "/healthz"));
    }

    [Fact]
    public async Task One_that_stops_lives_and_takes_no_more_work()
    {
        var readiness = new Readiness { IsReady = true };
        await using var app = await ServeAsync(readiness);
        using var http = new HttpClient { BaseAddress = new(app.Urls.Single()) };

        readiness.IsReady = false;

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not ready\n"), await GetAsync(http, "/readyz"));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(http, "/healthz")).Status);
    }

    private static async Task<WebApplication> ServeAsync(Readiness readiness)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(readiness);
        var app = builder.Build();
        app.MapHealth();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static async Task<(HttpStatusCode Status, string Text)> GetAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}

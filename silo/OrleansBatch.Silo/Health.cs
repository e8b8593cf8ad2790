namespace OrleansBatch.Silo;

/// <summary>Whether the scheduler takes work.</summary>
internal sealed class Readiness
{
    private volatile bool _isReady;

    public bool IsReady
    {
        get => _isReady;
        set => _isReady = value;
    }
}

/// <summary>What a supervisor of services asks.</summary>
internal static class Health
{
    /// <summary><c>/healthz</c>: the program lives. <c>/readyz</c>: it takes work.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz", () => Results.Text("ok\n"));
        app.MapGet("/readyz", (Readiness readiness) =>
            readiness.IsReady ? Results.Text("ready\n") : Results.Text("not ready\n", statusCode: StatusCodes.Status503ServiceUnavailable));
    }
}
